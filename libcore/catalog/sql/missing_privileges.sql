-- What this role must be granted to read every row of this database: kind, schema, name; one row
-- each. A large object's name is its OID.
WITH relation AS (
    SELECT c.oid, c.relkind, c.relname, c.relnamespace, n.nspname
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'm', 'S') AND c.oid >= 16384 AND c.relpersistence <> 't'
      AND n.nspname NOT IN ('pg_catalog', 'pg_toast')
      AND c.oid NOT IN (SELECT x.objid FROM pg_depend x
                    WHERE x.refclassid = 'pg_extension'::regclass AND x.deptype = 'e'
                      AND x.classid = 'pg_class'::regclass
                      AND x.objid NOT IN (SELECT unnest(extconfig) FROM pg_extension
                                          WHERE extconfig IS NOT NULL))
)
SELECT 'schema' AS kind, NULL::name AS schema, n.nspname AS name
FROM pg_namespace n
WHERE NOT has_schema_privilege(n.oid, 'USAGE')
  AND n.oid IN (SELECT relnamespace FROM relation)
UNION ALL
SELECT CASE WHEN relkind = 'S' THEN 'sequence' ELSE 'table' END, nspname, relname
FROM relation
WHERE NOT CASE WHEN relkind = 'S' THEN has_sequence_privilege(oid, 'SELECT')
               ELSE has_table_privilege(oid, 'SELECT') END
UNION ALL
SELECT 'row security of table', nspname, relname
FROM relation
WHERE relkind IN ('r', 'p') AND row_security_active(oid)
UNION ALL
SELECT 'large object', NULL, m.oid::text
FROM pg_largeobject_metadata m
WHERE NOT pg_has_role(m.lomowner, 'USAGE')
  AND NOT coalesce((SELECT bool_or(e.grantee = 0 OR pg_has_role(e.grantee, 'USAGE'))
                    FROM aclexplode(m.lomacl) e WHERE e.privilege_type = 'SELECT'), false)
  AND NOT current_setting('lo_compat_privileges')::boolean
  AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
ORDER BY 1, 2, 3;
