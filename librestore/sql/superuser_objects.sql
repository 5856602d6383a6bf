-- What only a superuser could make in a copy of this database: extensions, and before server 15
-- schema public where it is not as every new database has it, because it belongs to a superuser; and
-- whatever users made in the schemas that initdb makes.
SELECT 'extension ' || e.extname AS object
  FROM pg_catalog.pg_extension e
 WHERE e.extname <> 'plpgsql'
   AND EXISTS (SELECT FROM pg_catalog.pg_available_extension_versions v WHERE v.name = e.extname)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_available_extension_versions v
                    WHERE v.name = e.extname AND (v.trusted OR NOT v.superuser))
 UNION ALL
SELECT 'schema public, which is not as in a new database'
  FROM pg_catalog.pg_namespace n
  LEFT JOIN pg_catalog.pg_init_privs i
    ON i.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND i.objoid = n.oid
 WHERE n.nspname = 'public'
   AND NOT coalesce(n.nspowner = 10 AND n.nspacl OPERATOR(pg_catalog.@>) i.initprivs
                    AND n.nspacl OPERATOR(pg_catalog.<@) i.initprivs, false)
 UNION ALL
SELECT 'the ' || o.kind || ' in ' || n.nspname
  FROM pg_catalog.pg_namespace n
  JOIN (SELECT 'functions' AS kind, p.pronamespace AS namespace, p.tableoid AS classid, p.oid FROM pg_catalog.pg_proc p
        UNION ALL
        SELECT 'types', t.typnamespace, t.tableoid, t.oid FROM pg_catalog.pg_type t WHERE t.typtype IN ('b', 'd', 'e', 'r')
        UNION ALL
        SELECT 'operators', p.oprnamespace, p.tableoid, p.oid FROM pg_catalog.pg_operator p
        UNION ALL
        SELECT 'relations', c.relnamespace, c.tableoid, c.oid FROM pg_catalog.pg_class c WHERE c.relkind NOT IN ('i', 'I')
        UNION ALL
        SELECT 'collations', l.collnamespace, l.tableoid, l.oid FROM pg_catalog.pg_collation l) AS o
    ON o.namespace = n.oid
 WHERE n.nspname IN ('pg_catalog', 'information_schema') AND o.oid >= 16384
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = o.classid AND d.objid = o.oid AND d.deptype IN ('e', 'i'))
 GROUP BY n.nspname, o.kind
 UNION ALL
SELECT DISTINCT 'the additions to operator family ' || f.opfname
  FROM pg_catalog.pg_opfamily f
  JOIN (SELECT o.amopfamily AS family, o.tableoid AS classid, o.oid FROM pg_catalog.pg_amop o
        UNION ALL
        SELECT p.amprocfamily, p.tableoid, p.oid FROM pg_catalog.pg_amproc p) AS m ON m.family = f.oid
 WHERE f.oid < 16384 AND m.oid >= 16384
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                      LEFT JOIN pg_catalog.pg_depend e
                        ON e.classid = d.refclassid AND e.objid = d.refobjid AND e.deptype = 'e'
                    WHERE d.classid = m.classid AND d.objid = m.oid AND (d.deptype = 'i' OR e.objid IS NOT NULL))
 ORDER BY 1
