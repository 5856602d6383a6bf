-- Text search templates that users made: one row each.
SELECT t.oid,
       n.nspname AS schema,
       t.tmplname AS name,
       NULL::text AS owner,
       CASE WHEN t.tmplinit <> 0 THEN t.tmplinit::regproc::text END AS init,
       t.tmpllexize::regproc::text AS lexize
FROM pg_ts_template t
JOIN pg_namespace n ON n.oid = t.tmplnamespace
WHERE t.oid >= 16384
  AND n.nspname !~ '^pg_(toast_)?temp_'
  AND NOT EXISTS (SELECT FROM pg_depend x
                  WHERE x.classid = 'pg_ts_template'::regclass AND x.objid = t.oid
                    AND x.deptype = 'e')
ORDER BY t.oid;
