-- The database's extensions: whether CREATE EXTENSION would find that version here, and whether the
-- current role could run it in a database that it owns.
SELECT e.extname, e.extversion,
       v.name IS NOT NULL AS available,
       COALESCE(v.trusted OR NOT v.superuser, false) AS anybody_may
  FROM pg_catalog.pg_extension e
  LEFT JOIN pg_catalog.pg_available_extension_versions v
    ON v.name = e.extname AND v.version = e.extversion
 WHERE e.extname <> 'plpgsql'
 ORDER BY 1
