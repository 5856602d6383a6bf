-- The roles in whose name a copy of this database's objects must be made: their owners, and who
-- passed on privileges on them. Extensions, and what is theirs, belong to whoever creates them.
WITH object (class, oid, owner, acl) AS (
  SELECT 'pg_catalog.pg_namespace'::pg_catalog.regclass, oid, nspowner, nspacl
    FROM pg_catalog.pg_namespace
   WHERE nspname !~ '^pg_(toast_)?temp_'
  UNION ALL
  SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, oid, relowner, relacl
    FROM pg_catalog.pg_class
   WHERE relkind NOT IN ('i', 'I', 't') AND relpersistence <> 't'
  UNION ALL
  SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, c.oid, c.relowner, a.attacl
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
   WHERE a.attacl IS NOT NULL
  UNION ALL
  SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass, oid, proowner, proacl FROM pg_catalog.pg_proc
  UNION ALL
  SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid, t.typowner, t.typacl
    FROM pg_catalog.pg_type t
   WHERE t.typrelid = 0 AND t.typelem = 0
  UNION ALL
  SELECT 'pg_catalog.pg_default_acl'::pg_catalog.regclass, oid, defaclrole, NULL
    FROM pg_catalog.pg_default_acl
  UNION ALL
  SELECT 'pg_catalog.pg_largeobject'::pg_catalog.regclass, oid, lomowner, lomacl
    FROM pg_catalog.pg_largeobject_metadata
)
SELECT DISTINCT pg_catalog.pg_get_userbyid(r.role) AS role
  FROM object o
 CROSS JOIN LATERAL (SELECT o.owner UNION SELECT a.grantor FROM pg_catalog.aclexplode(o.acl) a)
         AS r(role)
 WHERE (o.oid >= 16384 OR o.class = 'pg_catalog.pg_largeobject'::pg_catalog.regclass)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = o.class AND d.objid = o.oid AND d.deptype = 'e')
 ORDER BY 1
