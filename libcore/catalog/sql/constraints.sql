-- Constraints of tables and domains: one row each, not-null rows (servers 17 and 18) included;
-- constraint triggers are read with the triggers.
SELECT k.oid,
       n.nspname AS schema,
       k.conname AS name,
       k.contype AS type,
       k.conrelid AS table_oid,
       k.contypid AS domain_oid,
       k.conindid AS index_oid,
       k.confrelid AS referenced_table,
       k.conparentid AS parent,
       pg_get_constraintdef(k.oid) AS definition,
       k.convalidated AS validated,
       k.conislocal AS local,
       k.connoinherit AS no_inherit,
       CASE WHEN k.contype = 'n' AND k.conrelid <> 0 THEN k.conkey[1] END AS column_number
FROM pg_constraint k
LEFT JOIN pg_class c ON c.oid = k.conrelid
LEFT JOIN pg_type t ON t.oid = k.contypid
JOIN pg_namespace n ON n.oid = coalesce(c.relnamespace, t.typnamespace)
WHERE k.oid >= 16384 AND k.contype <> 't'
  AND (c.oid >= 16384 OR t.oid >= 16384)
  AND n.nspname !~ '^pg_(toast_)?temp_'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND k.contypid NOT IN (SELECT x.objid FROM pg_depend x
                         WHERE x.refclassid = 'pg_extension'::regclass AND x.deptype = 'e'
                           AND x.classid = 'pg_type'::regclass)
ORDER BY k.oid;
