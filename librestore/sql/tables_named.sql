-- The tables that $1 may mean, NAME or SCHEMA.NAME.
SELECT n.nspname AS schema, c.relname AS name
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p')
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND $1::text IN (c.relname::text, n.nspname || '.' || c.relname)
 ORDER BY 1, 2
