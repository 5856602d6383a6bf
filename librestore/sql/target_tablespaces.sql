-- Tablespaces in which objects of databases can be: whether the login role may create in them, and
-- whether the current database, and a new one, are there by default.
SELECT s.spcname AS name,
       pg_catalog.has_tablespace_privilege(s.oid, 'CREATE') AS may_create,
       d.dattablespace = s.oid AS is_of_this,
       t.dattablespace = s.oid AS is_of_new
  FROM pg_catalog.pg_tablespace s
  JOIN pg_catalog.pg_database d ON d.datname = pg_catalog.current_database()
  JOIN pg_catalog.pg_database t ON t.datname = 'template0'
 WHERE s.spcname <> 'pg_global'
