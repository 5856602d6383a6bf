-- Access methods that users made: one row each.
SELECT m.oid,
       NULL::text AS schema,
       m.amname AS name,
       NULL::text AS owner,
       m.amtype AS type,
       m.amhandler::regproc::text AS handler
FROM pg_am m
WHERE m.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_depend x
                  WHERE x.classid = 'pg_am'::regclass AND x.objid = m.oid AND x.deptype = 'e')
ORDER BY m.oid;
