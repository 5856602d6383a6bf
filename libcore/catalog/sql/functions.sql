-- Functions, procedures and window functions that users made: one row each.
SELECT p.oid,
       n.nspname AS schema,
       p.proname AS name,
       pg_get_userbyid(p.proowner) AS owner,
       p.prokind AS kind,
       pg_get_function_identity_arguments(p.oid) AS identity_arguments,
       pg_get_function_arguments(p.oid) AS arguments,
       pg_get_function_result(p.oid) AS result,
       l.lanname AS language,
       p.provolatile AS volatility,
       p.proparallel AS parallel,
       p.proisstrict AS strict,
       p.prosecdef AS security_definer,
       p.proleakproof AS leakproof,
       CASE WHEN p.procost <> (CASE WHEN l.lanname IN ('c', 'internal') THEN 1 ELSE 100 END)
            THEN p.procost::text END AS cost,
       CASE WHEN p.proretset AND p.prorows NOT IN (0, 1000) THEN p.prorows::text END AS rows,
       CASE WHEN p.prosupport <> 0 THEN p.prosupport::regproc::text END AS support,
       p.proconfig AS settings,
       (SELECT array_agg(format_type(f.type, NULL) ORDER BY f.position)
        FROM unnest(p.protrftypes) WITH ORDINALITY AS f(type, position)) AS transform_types,
       p.prosrc AS body,
       p.probin AS library,
       false AS has_sql_body,
       NULL::text AS sql_body
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_language l ON l.oid = p.prolang
WHERE p.prokind <> 'a' AND p.oid >= 16384
  AND n.nspname !~ '^pg_(toast_)?temp_'
  AND NOT EXISTS (SELECT FROM pg_depend x
                  WHERE x.classid = 'pg_proc'::regclass AND x.objid = p.oid
                    AND x.deptype IN ('e', 'i'))
ORDER BY p.oid;
