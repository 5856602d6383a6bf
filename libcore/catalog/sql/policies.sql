-- Row security policies of user tables: one row each. roles: NULL where the policy is for PUBLIC.
SELECT p.oid,
       n.nspname AS schema,
       p.polname AS name,
       NULL::text AS owner,
       p.polrelid AS table_oid,
       p.polcmd AS command,
       p.polpermissive AS permissive,
       CASE WHEN p.polroles <> '{0}'
            THEN ARRAY(SELECT pg_get_userbyid(r) FROM unnest(p.polroles) r ORDER BY 1) END AS roles,
       pg_get_expr(p.polqual, p.polrelid) AS visible,
       pg_get_expr(p.polwithcheck, p.polrelid) AS checked
FROM pg_policy p
JOIN pg_class c ON c.oid = p.polrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE p.oid >= 16384 AND c.oid >= 16384
  AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND NOT EXISTS (SELECT FROM pg_depend x
                  WHERE x.classid = 'pg_class'::regclass AND x.objid = c.oid AND x.deptype = 'e')
ORDER BY p.oid;
