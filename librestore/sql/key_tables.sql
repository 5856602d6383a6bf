-- Tables that hold rows, each with the columns of its primary key in their order, one row for each; a
-- table without one has a single row with NULL. A partitioned table stands for its partitions.
SELECT n.nspname AS schema,
       c.relname AS name,
       a.attname AS key_column
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_constraint p ON p.conrelid = c.oid AND p.contype = 'p'
  LEFT JOIN LATERAL pg_catalog.unnest(p.conkey) WITH ORDINALITY AS k(number, position) ON true
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
 WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
   AND c.relname <> 'alembic_version'  -- its rows are told as revisions
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
 ORDER BY 1, 2, k.position
