-- Text search dictionaries that users made: one row each.
SELECT d.oid,
       n.nspname AS schema,
       d.dictname AS name,
       pg_get_userbyid(d.dictowner) AS owner,
       m.nspname AS template_schema,
       t.tmplname AS template_name,
       d.dictinitoption AS options
FROM pg_ts_dict d
JOIN pg_namespace n ON n.oid = d.dictnamespace
JOIN pg_ts_template t ON t.oid = d.dicttemplate
JOIN pg_namespace m ON m.oid = t.tmplnamespace
WHERE d.oid >= 16384
  AND n.nspname !~ '^pg_(toast_)?temp_'
  AND NOT EXISTS (SELECT FROM pg_depend x
                  WHERE x.classid = 'pg_ts_dict'::regclass AND x.objid = d.oid
                    AND x.deptype = 'e')
ORDER BY d.oid;
