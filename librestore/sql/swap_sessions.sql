-- The sessions in the databases with the OIDs $1 that somebody has to end; the server ends workers of autovacuum
-- itself, and they have no role. A login without pg_read_all_stats does not see what they do.
SELECT a.pid,
       a.usename::text AS role,
       coalesce(nullif(a.application_name, ''), a.backend_type, 'no name') AS application_name,
       coalesce(a.state, 'not to be seen') AS state
  FROM pg_catalog.pg_stat_activity a
 WHERE a.datid = ANY ($1::oid[]) AND a.usesysid IS NOT NULL
 ORDER BY a.backend_start, a.pid
