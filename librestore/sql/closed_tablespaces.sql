-- Tablespaces that a copy of this database needs, and in which the login role may not create.
SELECT s.spcname AS tablespace
  FROM pg_catalog.pg_tablespace s
 WHERE NOT pg_catalog.has_tablespace_privilege(s.oid, 'CREATE')
   AND (EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.reltablespace = s.oid AND c.oid >= 16384)
        OR s.spcname <> 'pg_default'
           AND EXISTS (SELECT FROM pg_catalog.pg_database d
                        WHERE d.datname = pg_catalog.current_database()
                          AND d.dattablespace = s.oid))
 ORDER BY 1
