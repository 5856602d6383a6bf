-- Tables named $1 with a column $2, as a migration tool makes them; in schema $3 unless that is empty. Run in
-- the same transaction as the search_path of the role.
SELECT n.nspname AS schema,
       c.relname AS name,
       pg_catalog.pg_table_is_visible(c.oid) AS visible
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = $2 AND NOT a.attisdropped
 WHERE c.relkind IN ('r', 'p')
   AND c.relname = $1
   AND ($3 = '' OR n.nspname = $3)
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
 ORDER BY 3 DESC, 1, 2
