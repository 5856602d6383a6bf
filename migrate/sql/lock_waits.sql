-- Sessions in this database that wait for a lock, and for whom; $1 is the application_name of the
-- command's.
SELECT a.pid,
       coalesce(a.application_name = $1, false) AS command,
       coalesce(b.pid, 0) AS blocker,
       coalesce(nullif(b.application_name, ''), 'no name') AS blocker_name,
       coalesce(b.state, 'not to be seen') AS blocker_state,
       pg_catalog.to_char(b.backend_start AT TIME ZONE 'UTC', 'HH24:MI:SS "UTC"') AS blocker_since
  FROM pg_catalog.pg_stat_activity a
 CROSS JOIN LATERAL pg_catalog.unnest(pg_catalog.pg_blocking_pids(a.pid)) AS blocking(pid)
  LEFT JOIN pg_catalog.pg_stat_activity b ON b.pid = blocking.pid
 WHERE a.datname = pg_catalog.current_database()
   AND a.pid IN (SELECT l.pid FROM pg_catalog.pg_locks l WHERE NOT l.granted)
 ORDER BY a.pid, blocking.pid
