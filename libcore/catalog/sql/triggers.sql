-- Triggers of user tables and views: one row each; those the server keeps for constraints are left
-- out. parent: the trigger of the partitioned table that this one is a clone of.
SELECT g.oid,
       n.nspname AS schema,
       g.tgname AS name,
       g.tgrelid AS table_oid,
       pg_get_triggerdef(g.oid, false) AS definition,
       g.tgenabled AS enabled,
       g.tgparentid AS parent,
       g.tgconstraint AS constraint_oid,
       coalesce(g.tgenabled <> p.tgenabled, false) AS differs_from_parent
FROM pg_trigger g
JOIN pg_class c ON c.oid = g.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_trigger p ON p.oid = g.tgparentid
LEFT JOIN pg_constraint k ON k.oid = g.tgconstraint AND k.contype <> 't'
WHERE g.oid >= 16384 AND c.oid >= 16384 AND c.relpersistence <> 't'
  AND c.relkind IN ('r', 'p', 'v', 'f')
  AND (NOT g.tgisinternal OR (g.tgparentid <> 0 AND k.oid IS NULL))
  AND n.nspname <> 'pg_catalog'
ORDER BY g.oid;
