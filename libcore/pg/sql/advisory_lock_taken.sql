-- $1 class, $2 key, $3 mode as pg_locks names it: whether any session holds this advisory lock in the
-- current database.
SELECT count(*) > 0 AS taken
  FROM pg_catalog.pg_locks l
 WHERE l.locktype = 'advisory'
   AND l.granted
   AND l.objsubid = 2
   AND l.database = (SELECT oid FROM pg_catalog.pg_database
                      WHERE datname = pg_catalog.current_database())
   AND l.classid = ($1::bigint & 4294967295)::oid
   AND l.objid = ($2::bigint & 4294967295)::oid
   AND l.mode = $3
