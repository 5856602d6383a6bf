-- The table that $1, a quoted name, means, and how many rows it has about; nothing if there is none, or none
-- with the column $2 ('': any). Run in the same transaction as the search_path of the role.
SELECT n.nspname AS schema,
       c.relname AS name,
       greatest(c.reltuples, 0)::bigint AS about
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.oid = pg_catalog.to_regclass($1)
   AND c.relkind IN ('r', 'p')
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND ($2 = ''
        OR EXISTS (SELECT 1
                     FROM pg_catalog.pg_attribute a
                    WHERE a.attrelid = c.oid AND a.attname = $2 AND a.attnum > 0 AND NOT a.attisdropped))
