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
       s.spcname AS tablespace,
       CASE WHEN k.contype IN ('p', 'u') THEN c.reloptions END AS options,
       i.indisclustered AS clustered,
       i.indisreplident AS replica_identity,
       ARRAY(SELECT a.attnum || '=' || a.attstattarget FROM pg_attribute a
             WHERE a.attrelid = c.oid AND a.attstattarget >= 0 ORDER BY a.attnum) AS statistics
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_constraint k ON k.conindid = c.oid AND k.conrelid = i.indrelid
                         AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_inherits h ON h.inhrelid = c.oid
LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
WHERE t.relkind IN ('r', 'p', 'm') AND c.oid >= 16384 AND t.oid >= 16384
  AND t.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND NOT EXISTS (SELECT FROM pg_depend x
                  WHERE x.classid = 'pg_class'::regclass AND x.objid = t.oid AND x.deptype = 'e')
ORDER BY c.oid;
