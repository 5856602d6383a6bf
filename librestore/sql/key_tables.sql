-- Tables that hold rows, with the columns of their primary key in its order (none: an empty text). A
-- partitioned table stands for its partitions.
SELECT n.nspname AS schema,
       c.relname AS name,
       coalesce(pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY k.position), '')
         AS key
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_constraint p ON p.conrelid = c.oid AND p.contype = 'p'
  LEFT JOIN LATERAL pg_catalog.unnest(p.conkey) WITH ORDINALITY AS k(number, position) ON true
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
 WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
   AND c.relname <> 'alembic_version'  -- its rows are told as revisions
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
 GROUP BY 1, 2
 ORDER BY 1, 2
