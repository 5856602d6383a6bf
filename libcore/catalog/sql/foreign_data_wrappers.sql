-- Foreign-data wrappers that users made: one row each; options as name=value.
SELECT w.oid,
       NULL::text AS schema,
       w.fdwname AS name,
       pg_get_userbyid(w.fdwowner) AS owner,
       CASE WHEN w.fdwhandler <> 0 THEN w.fdwhandler::regproc::text END AS handler,
       CASE WHEN w.fdwvalidator <> 0 THEN w.fdwvalidator::regproc::text END AS validator,
       w.fdwoptions AS options
FROM pg_foreign_data_wrapper w
WHERE w.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_depend x
                  WHERE x.classid = 'pg_foreign_data_wrapper'::regclass AND x.objid = w.oid
                    AND x.deptype = 'e')
ORDER BY w.oid;
