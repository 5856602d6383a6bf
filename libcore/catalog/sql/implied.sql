-- Rows that the server makes by itself when it makes their parent: rule, rows, parents, those of the
-- same catalogs together. No parent, or parent 0: excluded.
-- The table behind a table's oversized values: some have one because of columns that are gone, so
-- that it is not counted against the copy.
SELECT 'toast table' AS rule, 'pg_class'::regclass::oid AS classid,
       array_agg(c.reltoastrelid) AS objids, 0::oid AS parent_class, NULL::oid[] AS parents
FROM pg_class c WHERE c.reltoastrelid >= 16384
UNION ALL  -- Its index.
SELECT 'toast index', 'pg_class'::regclass, array_agg(i.indexrelid), 0, NULL
FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid AND t.relkind = 't'
WHERE i.indexrelid >= 16384
UNION ALL  -- The type of a relation's rows (sequences have one up to server 13).
SELECT 'row type', 'pg_type'::regclass, array_agg(c.reltype), 'pg_class'::regclass, array_agg(c.oid)
FROM pg_class c WHERE c.reltype >= 16384 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 't')
UNION ALL  -- The array over a type.
SELECT 'array type', 'pg_type'::regclass, array_agg(t.typarray), 'pg_type'::regclass,
       array_agg(t.oid)
FROM pg_type t WHERE t.typarray >= 16384
UNION ALL  -- The multirange of a range, the functions that make either, and the cast between them.
SELECT 'part of a range', d.classid, array_agg(d.objid), d.refclassid, array_agg(d.refobjid)
FROM pg_depend d JOIN pg_type t ON t.oid = d.refobjid AND t.typtype IN ('r', 'm')
WHERE d.refclassid = 'pg_type'::regclass AND d.deptype = 'i' AND d.objid >= 16384
  AND d.classid IN ('pg_type'::regclass, 'pg_proc'::regclass, 'pg_cast'::regclass)
GROUP BY d.classid, d.refclassid
UNION ALL  -- Triggers that enforce a constraint; a user's constraint trigger has the row reversed.
SELECT 'constraint enforcement', 'pg_trigger'::regclass, array_agg(g.oid),
       'pg_constraint'::regclass, array_agg(g.tgconstraint)
FROM pg_trigger g JOIN pg_constraint k ON k.oid = g.tgconstraint AND k.contype <> 't'
WHERE g.tgisinternal AND g.oid >= 16384
UNION ALL  -- The row of pg_constraint behind CREATE CONSTRAINT TRIGGER; up to server 14 that
       -- of a partition belongs to an internal trigger.
SELECT 'constraint trigger', 'pg_constraint'::regclass, array_agg(g.tgconstraint),
       'pg_trigger'::regclass, array_agg(g.oid)
FROM pg_trigger g JOIN pg_constraint k ON k.oid = g.tgconstraint AND k.contype = 't'
WHERE g.tgconstraint >= 16384
UNION ALL  -- An operator that another one names and nobody has defined.
SELECT 'shell operator', 'pg_operator'::regclass, array_agg(o.oid), 'pg_operator'::regclass,
       array_agg(coalesce(p.oid, 0))
FROM pg_operator o
LEFT JOIN LATERAL (SELECT min(q.oid::bigint)::oid AS oid FROM pg_operator q
                   WHERE (q.oprcom = o.oid OR q.oprnegate = o.oid) AND q.oprcode <> 0) AS p ON true
WHERE o.oprcode = 0 AND o.oid >= 16384
UNION ALL  -- A label of an enum type that is temporary or an extension's: it has no row in pg_depend.
SELECT 'enum label', 'pg_enum'::regclass, array_agg(e.oid), 'pg_type'::regclass,
       array_agg(e.enumtypid)
FROM pg_enum e
JOIN pg_type t ON t.oid = e.enumtypid
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE e.oid >= 16384
  AND (n.nspname ~ '^pg_(toast_)?temp_'
       OR EXISTS (SELECT FROM pg_depend x
                  WHERE x.classid = 'pg_type'::regclass AND x.objid = t.oid AND x.deptype = 'e'))
UNION ALL  -- Schemas of temporary objects; what they hold goes with its session.
SELECT 'temporary', 'pg_namespace'::regclass, array_agg(n.oid), 0, NULL
FROM pg_namespace n WHERE n.nspname ~ '^pg_(toast_)?temp_';
