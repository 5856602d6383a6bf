-- Extended statistics that users made: one row each. Target -1, from server 17 on NULL: the default.
SELECT s.oid,
       n.nspname AS schema,
       s.stxname AS name,
       pg_get_userbyid(s.stxowner) AS owner,
       pg_get_statisticsobjdef(s.oid) AS definition,
       coalesce(s.stxstattarget, -1) AS target
FROM pg_statistic_ext s
JOIN pg_namespace n ON n.oid = s.stxnamespace
JOIN pg_class c ON c.oid = s.stxrelid
WHERE s.oid >= 16384
  AND n.nspname !~ '^pg_(toast_)?temp_'
  AND n.nspname <> 'pg_catalog'
  AND NOT EXISTS (SELECT FROM pg_depend x
                  WHERE x.classid = 'pg_statistic_ext'::regclass AND x.objid = s.oid
                    AND x.deptype = 'e')
ORDER BY s.oid;
