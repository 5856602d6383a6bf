-- What the current role may not read although a backup needs it. One row for each object: its kind,
-- its schema (NULL where the kind has none), its name, and the right that is missing.
-- Objects of extensions are not backed up as such, so they do not count; row security counts where
-- it would hide rows from this role.
WITH own_relation AS (
  SELECT c.oid, c.relkind, c.relowner, c.relrowsecurity, c.relforcerowsecurity,
         n.nspname, c.relname
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p', 'm', 'S')
     AND c.relpersistence <> 't'
     AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                      WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                        AND d.objid = c.oid AND d.deptype = 'e')
)
SELECT 'schema' AS kind, NULL AS schema, r.nspname AS name, 'USAGE' AS missing
  FROM (SELECT DISTINCT nspname FROM own_relation) r
 WHERE NOT pg_catalog.has_schema_privilege(r.nspname, 'USAGE')
UNION ALL
SELECT CASE r.relkind WHEN 'S' THEN 'sequence' WHEN 'm' THEN 'materialized view' ELSE 'table' END,
       r.nspname, r.relname, 'SELECT'
  FROM own_relation r
 WHERE CASE WHEN r.relkind = 'S' THEN NOT pg_catalog.has_sequence_privilege(r.oid, 'SELECT')
            ELSE NOT pg_catalog.has_table_privilege(r.oid, 'SELECT') END
UNION ALL
SELECT 'table', r.nspname, r.relname, 'BYPASSRLS'
  FROM own_relation r
 WHERE pg_catalog.row_security_active(r.oid)
UNION ALL
SELECT 'large object', NULL, l.oid::pg_catalog.text, 'SELECT'
  FROM pg_catalog.pg_largeobject_metadata l
 WHERE NOT pg_catalog.pg_has_role(l.lomowner, 'USAGE')
   AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(l.lomacl) a
                    WHERE a.privilege_type = 'SELECT'
                      AND (a.grantee = 0 OR pg_catalog.pg_has_role(a.grantee, 'USAGE')))
 ORDER BY 1, 2, 3, 4
