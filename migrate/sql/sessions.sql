-- Client sessions in this database that are not belay's own; $1 is the application_name of the
-- command's. A driver that does not set it shows by its locks on version tables: who only reads them
-- holds no such lock. A role without pg_read_all_stats sees no backend_type, state and name of others,
-- but it sees that workers of autovacuum have no user.
SELECT a.pid,
       coalesce(a.application_name = $1, false) AS command,
       coalesce(a.state = 'idle', false) AS idle,
       EXISTS (SELECT 1
                 FROM pg_catalog.pg_locks l
                 JOIN pg_catalog.pg_attribute v
                   ON v.attrelid = l.relation AND v.attname = 'version_num' AND NOT v.attisdropped
                WHERE l.pid = a.pid
                  AND l.locktype = 'relation'
                  AND l.database = a.datid
                  AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')) AS locks_revisions,
       coalesce(nullif(a.application_name, ''), 'no name') AS application_name,
       coalesce(a.state, 'not to be seen') AS state,
       pg_catalog.to_char(a.backend_start AT TIME ZONE 'UTC', 'HH24:MI:SS "UTC"') AS since
  FROM pg_catalog.pg_stat_activity a
 WHERE a.datname = pg_catalog.current_database()
   AND a.pid <> pg_catalog.pg_backend_pid()
   AND a.usesysid IS NOT NULL
   AND coalesce(a.backend_type, 'client backend') = 'client backend'
   AND (a.application_name = $1 OR coalesce(a.application_name, '') NOT LIKE 'belay%')
 ORDER BY a.pid
