-- Domains: one row each.
SELECT t.oid,
       n.nspname AS schema,
       t.typname AS name,
       pg_get_userbyid(t.typowner) AS owner,
       format_type(t.typbasetype, t.typtypmod) AS base_type,
       CASE WHEN t.typcollation <> b.typcollation
            THEN (SELECT format('%I.%I', cn.nspname, c.collname)
                  FROM pg_collation c JOIN pg_namespace cn ON cn.oid = c.collnamespace
                  WHERE c.oid = t.typcollation) END AS collation,
       t.typnotnull AS not_null,
       t.typdefault IS NOT NULL AS has_default,
       CASE WHEN t.typdefaultbin IS NOT NULL THEN pg_get_expr(t.typdefaultbin, 0)
            ELSE quote_literal(t.typdefault) END AS default_expression
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_type b ON b.oid = t.typbasetype
WHERE t.typtype = 'd' AND t.oid >= 16384
  AND n.nspname !~ '^pg_(toast_)?temp_'
  AND NOT EXISTS (SELECT FROM pg_depend x
                  WHERE x.classid = 'pg_type'::regclass AND x.objid = t.oid AND x.deptype = 'e')
ORDER BY t.oid;
