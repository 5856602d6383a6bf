-- Ends the idle sessions of this role in the database with OID $1.
SELECT pg_catalog.pg_terminate_backend(a.pid)
  FROM pg_catalog.pg_stat_activity a
 WHERE a.datid = $1::oid
   AND a.state = 'idle'
   AND a.usename = session_user
