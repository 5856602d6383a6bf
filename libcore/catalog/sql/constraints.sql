-- Constraints of tables and domains: one row each, not-null rows (servers 17 and 18) included;
-- constraint triggers are read with the triggers. definition is empty where the columns, or those of
-- the index, may say all.
SELECT k.oid,
       n.nspname AS schema,
       k.conname AS name,
       k.contype AS type,
       k.conrelid AS table_oid,
       k.contypid AS domain_oid,
       k.conindid AS index_oid,
       k.confrelid AS referenced_table,
       k.conparentid AS parent,
       k.conkey AS keys,
       k.confkey AS referenced_keys,
       k.confupdtype AS on_update,
       k.confdeltype AS on_delete,
       CASE WHEN k.contype NOT IN ('p', 'u', 'f') OR k.condeferrable OR NOT k.convalidated
              OR (k.contype = 'f' AND (k.confmatchtype <> 's'
                                       OR k.confupdtype NOT IN ('a', 'r', 'c')
                                       OR k.confdeltype NOT IN ('a', 'r', 'c')))
            THEN pg_get_constraintdef(k.oid) ELSE '' END AS definition,
       k.convalidated AS validated,
       k.conislocal AS local,
       k.connoinherit AS no_inherit,
       CASE WHEN k.contype = 'n' AND k.conrelid <> 0 THEN k.conkey[1] END AS column_number
FROM pg_constraint k
JOIN pg_namespace n ON n.oid = k.connamespace
WHERE k.oid >= 16384 AND k.contype <> 't'
  AND (k.conrelid >= 16384 OR k.contypid >= 16384)
  AND n.nspname !~ '^pg_(toast_)?temp_'
  AND (n.nspname <> 'pg_catalog' OR k.contypid <> 0)
  AND k.contypid NOT IN (SELECT x.objid FROM pg_depend x
                         WHERE x.refclassid = 'pg_extension'::regclass AND x.deptype = 'e'
                           AND x.classid = 'pg_type'::regclass)
ORDER BY k.oid;
