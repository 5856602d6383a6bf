-- One row: the login role, and the database with OID $1, as far as they decide whether it can be
-- swapped. A new database comes into the tablespace of template0 unless the archive names one.
SELECT me.rolname AS login,
       me.rolsuper AS superuser,
       me.rolcreatedb AS creates_databases,
       me.rolconnlimit AS login_limit,
       d.datname AS database,
       d.datname = pg_catalog.current_database() AS is_maintenance,
       s.spcname AS tablespace,
       n.spcname AS new_tablespace
  FROM pg_catalog.pg_database d
  JOIN pg_catalog.pg_roles me ON me.rolname = CURRENT_USER
  JOIN pg_catalog.pg_tablespace s ON s.oid = d.dattablespace
  JOIN pg_catalog.pg_database t ON t.datname = 'template0'
  JOIN pg_catalog.pg_tablespace n ON n.oid = t.dattablespace
 WHERE d.oid = $1::oid
