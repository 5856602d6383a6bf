-- Row security policies of user tables: one row each; the role '' is PUBLIC.
SELECT p.oid,
       n.nspname AS schema,
       p.polname AS name,
       NULL AS owner,
       p.polrelid AS table_oid,
       p.polpermissive AS permissive,
       p.polcmd AS command,
       ARRAY(SELECT CASE WHEN u.role = 0 THEN '' ELSE pg_get_userbyid(u.role)::text END
             FROM unnest(p.polroles) AS u(role) ORDER BY 1) AS roles,
       pg_get_expr(p.polqual, p.polrelid) AS filter,
       pg_get_expr(p.polwithcheck, p.polrelid) AS check_expression
FROM pg_policy p
JOIN pg_class c ON c.oid = p.polrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE p.oid >= 16384 AND c.oid >= 16384 AND c.relpersistence <> 't'
  AND n.nspname <> 'pg_catalog'
ORDER BY p.oid;
