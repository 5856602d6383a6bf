-- What belongs to the whole server, and is not taken back when a database is. Not what belay makes.
SELECT 'role' AS kind, rolname AS name
  FROM pg_catalog.pg_roles
 WHERE rolname !~ '^pg_'
 UNION ALL
SELECT 'tablespace', spcname
  FROM pg_catalog.pg_tablespace
 WHERE spcname !~ '^pg_'
 UNION ALL
SELECT 'database', datname
  FROM pg_catalog.pg_database
 WHERE datname !~ '__belay_'
