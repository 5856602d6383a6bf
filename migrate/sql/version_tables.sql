-- Tables that may be version tables of Alembic: those with a column version_num that is the only one,
-- or that are named alembic_version, or as $1 says. Run in the same transaction as the search_path of the role, which
-- decides what an unqualified name means.
SELECT n.nspname AS schema,
       c.relname AS name,
       pg_catalog.pg_table_is_visible(c.oid) AS visible,
       pg_catalog.has_table_privilege(c.oid, 'SELECT') AS readable
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = 'version_num' AND NOT a.attisdropped
 WHERE c.relkind IN ('r', 'p')
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND (c.relname = 'alembic_version' OR c.relname = $1
        OR NOT EXISTS (SELECT 1
                         FROM pg_catalog.pg_attribute o
                        WHERE o.attrelid = c.oid AND o.attnum > 0 AND NOT o.attisdropped
                          AND o.attname <> 'version_num'))
 ORDER BY 1, 2
