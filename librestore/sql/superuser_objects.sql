-- What only a superuser could make in a copy of this database: extensions, and before server 15
-- schema public where it is not as every new database has it, because it belongs to a superuser.
SELECT 'extension ' || e.extname AS object
  FROM pg_catalog.pg_extension e
 WHERE e.extname <> 'plpgsql'
   AND EXISTS (SELECT FROM pg_catalog.pg_available_extension_versions v WHERE v.name = e.extname)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_available_extension_versions v
                    WHERE v.name = e.extname AND (v.trusted OR NOT v.superuser))
 UNION ALL
SELECT 'schema public, which is not as in a new database'
  FROM pg_catalog.pg_namespace n
  LEFT JOIN pg_catalog.pg_init_privs i
    ON i.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND i.objoid = n.oid
 WHERE n.nspname = 'public'
   AND NOT coalesce(n.nspowner = 10 AND n.nspacl OPERATOR(pg_catalog.@>) i.initprivs
                    AND n.nspacl OPERATOR(pg_catalog.<@) i.initprivs, false)
 ORDER BY 1
