-- Text search parsers that users made: one row each.
SELECT p.oid,
       n.nspname AS schema,
       p.prsname AS name,
       NULL::text AS owner,
       p.prsstart::regproc::text AS start,
       p.prstoken::regproc::text AS token,
       p.prsend::regproc::text AS "end",
       CASE WHEN p.prsheadline <> 0 THEN p.prsheadline::regproc::text END AS headline,
       p.prslextype::regproc::text AS token_types
FROM pg_ts_parser p
JOIN pg_namespace n ON n.oid = p.prsnamespace
WHERE p.oid >= 16384
  AND n.nspname !~ '^pg_(toast_)?temp_'
  AND NOT EXISTS (SELECT FROM pg_depend x
                  WHERE x.classid = 'pg_ts_parser'::regclass AND x.objid = p.oid
                    AND x.deptype = 'e')
ORDER BY p.oid;
