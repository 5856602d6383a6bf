-- Keys of the advisory locks of class $1 that any session holds, in any database of the server.
SELECT DISTINCT l.objid AS key
  FROM pg_catalog.pg_locks l
 WHERE l.locktype = 'advisory'
   AND l.granted
   AND l.objsubid = 2
   AND l.classid = ($1::bigint & 4294967295)::oid
