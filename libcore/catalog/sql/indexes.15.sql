-- Indexes of user tables and materialized views: one row each. definition is empty where keys,
-- operator classes and collations may say all: the server opens the table for each that it writes.
WITH keyed AS MATERIALIZED (
    SELECT k.oid, k.conindid, k.conrelid, k.contype FROM pg_constraint k
    WHERE k.contype IN ('p', 'u', 'x')
)
SELECT c.oid,
       n.nspname AS schema,
       c.relname AS name,
       pg_get_userbyid(c.relowner) AS owner,
       c.relkind AS kind,
       i.indrelid AS table_oid,
       k.oid AS constraint_oid,
       i.indisunique AS is_unique,
       m.amname AS access_method,
       i.indkey AS keys,
       i.indclass AS operator_classes,
       i.indcollation AS collations,
       CASE WHEN i.indexprs IS NOT NULL OR i.indpred IS NOT NULL OR c.reloptions IS NOT NULL
              OR i.indnatts <> i.indnkeyatts OR 0 <> ANY (i.indoption::int2[]) OR o.any_options
              OR i.indnullsnotdistinct
            THEN pg_get_indexdef(c.oid) ELSE '' END AS definition,
       i.indisvalid AS valid,
       i.indisready AS ready,
       h.inhparent AS parent_index,
       s.spcname AS tablespace,
       CASE WHEN k.contype IN ('p', 'u') THEN c.reloptions END AS options,
       i.indisclustered AS clustered,
       i.indisreplident AS replica_identity,
       o.statistics
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_am m ON m.oid = c.relam
-- Nearly no index has a column of which there is anything to say.
LEFT JOIN (SELECT a.attrelid AS oid, bool_or(a.attoptions IS NOT NULL) AS any_options,
                  array_agg(a.attnum || '=' || a.attstattarget ORDER BY a.attnum)
                      FILTER (WHERE a.attstattarget >= 0) AS statistics
           FROM pg_attribute a
           WHERE a.attrelid >= 16384 AND a.attnum > 0
             AND (a.attstattarget >= 0 OR a.attoptions IS NOT NULL)
           GROUP BY a.attrelid) AS o ON o.oid = c.oid
LEFT JOIN keyed k ON k.conindid = c.oid AND k.conrelid = i.indrelid
LEFT JOIN pg_inherits h ON h.inhrelid = c.oid
LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
WHERE t.relkind IN ('r', 'p', 'm') AND c.oid >= 16384 AND t.oid >= 16384
  AND t.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'pg_toast')
ORDER BY c.oid;
