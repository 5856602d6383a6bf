-- Sessions that hold, or stand in line for, a lock that keeps readers out of a relation of
-- this database: one row each, with what they in turn wait for.
SELECT n.nspname AS schema, c.relname AS name, l.pid, l.granted,
       a.usename AS role, a.application_name AS application, a.state,
       to_char(a.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS since,
       array_to_string(pg_blocking_pids(l.pid), ', ') AS waits_for
FROM pg_locks l
JOIN pg_class c ON c.oid = l.relation
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.pid <> pg_backend_pid() AND c.oid >= 16384 AND c.relkind <> 't'
ORDER BY l.granted DESC, l.pid, c.oid;
