-- Indexes of user tables and materialized views: one row each.
SELECT c.oid,
       n.nspname AS schema,
       c.relname AS name,
       pg_get_userbyid(c.relowner) AS owner,
       c.relkind AS kind,
       i.indrelid AS table_oid,
       k.oid AS constraint_oid,
       pg_get_indexdef(c.oid) AS definition,
       i.indisvalid AS valid,
       i.indisready AS ready,
       h.inhparent AS parent_index,
       c.reloptions AS options,
       i.indisclustered AS clustered,
       i.indisreplident AS replica_identity,
       (SELECT array_agg(a.attnum || '=' || a.attstattarget ORDER BY a.attnum)
        FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attstattarget >= 0) AS statistics_targets
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_constraint k ON k.conindid = c.oid AND k.conrelid = i.indrelid
                         AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_inherits h ON h.inhrelid = c.oid
WHERE t.relkind IN ('r', 'p', 'm') AND c.oid >= 16384 AND t.oid >= 16384
  AND t.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND NOT EXISTS (SELECT FROM pg_depend x
                  WHERE x.classid = 'pg_class'::regclass AND x.objid = t.oid AND x.deptype = 'e')
ORDER BY c.oid;
