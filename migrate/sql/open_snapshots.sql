-- Transactions in this database that keep their snapshot while they do nothing (REPEATABLE READ, SERIALIZABLE, an
-- open cursor), and dumps: what a CREATE INDEX CONCURRENTLY waits for until they end. A short one is not meant.
-- A role without pg_read_all_stats sees of others only the name.
SELECT a.pid,
       coalesce(nullif(a.application_name, ''), 'no name') AS application_name,
       coalesce(a.state, 'not to be seen') AS state,
       pg_catalog.to_char(a.backend_start AT TIME ZONE 'UTC', 'HH24:MI:SS "UTC"') AS since
  FROM pg_catalog.pg_stat_activity a
 WHERE a.datname = pg_catalog.current_database()
   AND a.pid <> pg_catalog.pg_backend_pid()
   AND coalesce(a.application_name, '') NOT LIKE 'belay%'
   AND (a.application_name = 'pg_dump'
        OR (a.state = 'idle in transaction'
            AND a.backend_xmin IS NOT NULL
            AND a.xact_start < pg_catalog.clock_timestamp() - interval '1 second'))
 ORDER BY a.xact_start, a.pid
