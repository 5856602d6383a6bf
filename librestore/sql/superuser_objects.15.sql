-- What only a superuser could make in a copy of this database: extensions.
SELECT 'extension ' || e.extname AS object
  FROM pg_catalog.pg_extension e
 WHERE e.extname <> 'plpgsql'
   AND EXISTS (SELECT FROM pg_catalog.pg_available_extension_versions v WHERE v.name = e.extname)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_available_extension_versions v
                    WHERE v.name = e.extname AND (v.trusted OR NOT v.superuser))
 ORDER BY 1
