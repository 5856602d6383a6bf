-- Tables and materialized views with rows of which the planner knows nothing, or less than ANALYZE
-- would tell it: statistics objects, and types that are analyzed in a way of their own, have nothing
-- that could be taken in.
SELECT n.nspname AS schema, c.relname AS name
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.oid >= 16384 AND c.relkind IN ('r', 'm', 'p') AND c.relpersistence <> 't'
   AND (EXISTS (SELECT FROM pg_catalog.pg_statistic_ext e WHERE e.stxrelid = c.oid)
        OR EXISTS (SELECT FROM pg_catalog.pg_attribute a
                     JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
                    WHERE a.attrelid = c.oid AND a.attnum > 0 AND t.typanalyze::oid >= 16384)
        OR NOT EXISTS (SELECT FROM pg_catalog.pg_stats s
                        WHERE s.schemaname = n.nspname AND s.tablename = c.relname)
           AND c.relkind <> 'p' AND c.reltuples <> 0 AND pg_catalog.pg_relation_size(c.oid) > 0)
 ORDER BY n.nspname, c.relname
