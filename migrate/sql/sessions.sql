-- Client sessions in this database that are not belay's own; $1 is the application_name of the
-- command's. A role without pg_read_all_stats sees no backend_type of others, but it sees that workers
-- of autovacuum have no user.
SELECT pid,
       coalesce(application_name = $1, false) AS command
  FROM pg_catalog.pg_stat_activity
 WHERE datname = pg_catalog.current_database()
   AND pid <> pg_catalog.pg_backend_pid()
   AND usesysid IS NOT NULL
   AND coalesce(backend_type, 'client backend') = 'client backend'
   AND (application_name = $1 OR coalesce(application_name, '') NOT LIKE 'belay%')
