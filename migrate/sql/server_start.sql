-- Which life of which server this is; another one after a restart and after a failover.
SELECT pg_catalog.pg_postmaster_start_time()::text AS started,
       pg_catalog.pg_backend_pid() AS pid
