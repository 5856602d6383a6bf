-- Ends the sessions in this database whose application_name is $1.
SELECT pg_catalog.pg_terminate_backend(a.pid)
  FROM pg_catalog.pg_stat_activity a
 WHERE a.datname = pg_catalog.current_database()
   AND a.application_name = $1
   AND a.pid <> pg_catalog.pg_backend_pid()
