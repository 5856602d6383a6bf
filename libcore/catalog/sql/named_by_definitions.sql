-- Versions of what definitions name and no lock holds still: catalog, row, version; one row each. A
-- version changes with every ALTER.
WITH schema AS (
    SELECT n.oid, n.xmin FROM pg_namespace n
    WHERE n.nspname !~ '^pg_(toast_)?temp_' AND n.oid >= 16384
       OR n.nspname IN ('public', 'pg_catalog', 'information_schema')
)
SELECT 'pg_namespace'::regclass::oid AS classid, s.oid, s.xmin AS version FROM schema s
UNION ALL
SELECT 'pg_class'::regclass, c.oid, c.xmin FROM pg_class c
WHERE c.relkind IN ('v', 'm', 'S', 'c', 'f', 'i', 'I') AND c.oid >= 16384
  AND c.relnamespace IN (SELECT oid FROM schema)
UNION ALL  -- Not the row types of tables, nor the arrays over them.
SELECT 'pg_type'::regclass, t.oid, t.xmin FROM pg_type t
WHERE t.typtype <> 'c' AND t.typcategory <> 'A' AND t.oid >= 16384
  AND t.typnamespace IN (SELECT oid FROM schema)
UNION ALL
SELECT 'pg_proc'::regclass, p.oid, p.xmin FROM pg_proc p
WHERE p.oid >= 16384 AND p.pronamespace IN (SELECT oid FROM schema)
UNION ALL
SELECT 'pg_rewrite'::regclass, r.oid, r.xmin FROM pg_rewrite r
JOIN pg_class c ON c.oid = r.ev_class AND c.relnamespace IN (SELECT oid FROM schema)
WHERE r.oid >= 16384
UNION ALL
SELECT 'pg_operator'::regclass, o.oid, o.xmin FROM pg_operator o
WHERE o.oid >= 16384 AND o.oprnamespace IN (SELECT oid FROM schema)
UNION ALL
SELECT 'pg_collation'::regclass, l.oid, l.xmin FROM pg_collation l
WHERE l.oid >= 16384 AND l.collnamespace IN (SELECT oid FROM schema)
UNION ALL
SELECT 'pg_enum'::regclass, e.oid, e.xmin FROM pg_enum e WHERE e.oid >= 16384
UNION ALL
SELECT 'pg_opclass'::regclass, o.oid, o.xmin FROM pg_opclass o
WHERE o.oid >= 16384 AND o.opcnamespace IN (SELECT oid FROM schema)
UNION ALL
SELECT 'pg_constraint'::regclass, k.oid, k.xmin FROM pg_constraint k
WHERE k.contypid <> 0 AND k.oid >= 16384 AND k.connamespace IN (SELECT oid FROM schema)
UNION ALL
SELECT 'pg_statistic_ext'::regclass, x.oid, x.xmin FROM pg_statistic_ext x
WHERE x.oid >= 16384 AND x.stxnamespace IN (SELECT oid FROM schema)
UNION ALL
SELECT 'pg_ts_config'::regclass, t.oid, t.xmin FROM pg_ts_config t
WHERE t.oid >= 16384 AND t.cfgnamespace IN (SELECT oid FROM schema)
UNION ALL
SELECT 'pg_ts_dict'::regclass, t.oid, t.xmin FROM pg_ts_dict t
WHERE t.oid >= 16384 AND t.dictnamespace IN (SELECT oid FROM schema);
