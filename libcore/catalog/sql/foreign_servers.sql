-- Foreign servers that users made: one row each; options as name=value.
SELECT s.oid,
       NULL::text AS schema,
       s.srvname AS name,
       pg_get_userbyid(s.srvowner) AS owner,
       w.fdwname AS wrapper,
       s.srvtype AS type,
       s.srvversion AS version,
       s.srvoptions AS options
FROM pg_foreign_server s
JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
WHERE s.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_depend x
                  WHERE x.classid = 'pg_foreign_server'::regclass AND x.objid = s.oid
                    AND x.deptype = 'e')
ORDER BY s.oid;
