-- What the server counted of each user table, and the file that holds it; large objects are rows of two
-- catalogs. Version tables of migration tools are left out: they are compared by what they hold.
SELECT n.nspname AS schema,
       c.relname AS name,
       pg_catalog.pg_stat_get_tuples_inserted(c.oid) AS inserted,
       pg_catalog.pg_stat_get_tuples_updated(c.oid) AS updated,
       pg_catalog.pg_stat_get_tuples_deleted(c.oid) AS deleted,
       pg_catalog.pg_relation_filenode(c.oid) AS relfilenode
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'm')
   AND (n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        OR c.oid IN ('pg_catalog.pg_largeobject'::pg_catalog.regclass,
                     'pg_catalog.pg_largeobject_metadata'::pg_catalog.regclass))
   AND c.relname <> 'alembic_version'
   AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a
                    WHERE a.attrelid = c.oid AND a.attname = 'version_num' AND NOT a.attisdropped
                      AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_attribute o
                                       WHERE o.attrelid = c.oid AND o.attnum > 0
                                         AND NOT o.attisdropped AND o.attname <> 'version_num'))
 ORDER BY 1, 2
