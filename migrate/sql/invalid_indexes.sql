-- Indexes that a CREATE INDEX CONCURRENTLY, or a REINDEX, left behind when it failed: no query uses them, every
-- write keeps them up. Not those of partitioned tables, which wait for their partitions; not what somebody builds now.
SELECT n.nspname AS schema,
       c.relname AS name
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid AND c.relkind = 'i'
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE NOT (i.indisvalid AND i.indisready)
   AND n.nspname !~ '^pg_'
   AND NOT EXISTS (SELECT 1
                     FROM pg_catalog.pg_stat_progress_create_index p
                    WHERE p.datname = pg_catalog.current_database() AND p.index_relid = i.indexrelid)
 ORDER BY 1, 2
