-- $1 class, $2 key: sessions that hold this advisory lock in the current database, oldest first.
-- Without pg_read_all_stats, address and start of other roles' sessions are NULL.
SELECT l.pid,
       coalesce(a.application_name, '') AS application_name,
       coalesce(a.client_addr::text, '') AS address,
       coalesce(pg_catalog.to_char(a.backend_start AT TIME ZONE 'UTC',
                                   'YYYY-MM-DD HH24:MI:SS "UTC"'), '') AS since
  FROM pg_catalog.pg_locks l
       LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
 WHERE l.locktype = 'advisory'
   AND l.granted
   AND l.objsubid = 2
   AND l.database = (SELECT oid FROM pg_catalog.pg_database
                      WHERE datname = pg_catalog.current_database())
   AND l.classid = ($1::bigint & 4294967295)::oid
   AND l.objid = ($2::bigint & 4294967295)::oid
 ORDER BY a.backend_start, l.pid
 LIMIT 10
