-- What ANALYZE gathered, of relations whose contents the archive holds: one row for each relation
-- (attribute and number are NULL) and one for each column in pg_stats, which shows a role no values
-- that it may not read. In the first array stand tables and materialized views, in the second those
-- of which the archive holds all that inherits from them. Columns of indexes go by number: the
-- server invents their names. The rows of an index are counted when it is built: only expressions
-- have anything to tell, and so has a relation only if it was analyzed.
WITH asked AS MATERIALIZED (
    SELECT c.oid, c.relowner, coalesce(i.indrelid, c.oid) AS table_oid, i.indrelid IS NOT NULL AS is_index,
           n.nspname, c.relname, c.relpages, c.reltuples, c.relallvisible, c.relallfrozen,
           coalesce(i.indrelid, c.oid) = ANY ('{}'::oid[]) AS alone,
           coalesce(i.indrelid, c.oid) = ANY ('{}'::oid[]) AS with_heirs
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_index i ON i.indexrelid = c.oid
    WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'm', 'i')
      AND (i.indexrelid IS NULL OR i.indexprs IS NOT NULL)
)
SELECT schema, relation, attribute, number, inherited,
       relpages, reltuples, relallvisible, relallfrozen,
       null_frac, avg_width, n_distinct, most_common_vals, most_common_freqs, histogram_bounds, correlation,
       most_common_elems, most_common_elem_freqs, elem_count_histogram,
       range_length_histogram, range_empty_frac, range_bounds_histogram
FROM (
    SELECT relowner, table_oid, oid, nspname AS schema, relname AS relation,
           NULL::name AS attribute, NULL::int2 AS number, NULL::bool AS inherited,
           relpages, reltuples, relallvisible, relallfrozen,
           NULL::real AS null_frac, NULL::int AS avg_width, NULL::real AS n_distinct,
           NULL::text AS most_common_vals, NULL::real[] AS most_common_freqs,
           NULL::text AS histogram_bounds, NULL::real AS correlation,
           NULL::text AS most_common_elems, NULL::real[] AS most_common_elem_freqs,
           NULL::real[] AS elem_count_histogram, NULL::text AS range_length_histogram,
           NULL::real AS range_empty_frac, NULL::text AS range_bounds_histogram
    FROM asked
    WHERE (alone OR with_heirs) AND reltuples >= 0 AND NOT is_index
    UNION ALL
    SELECT r.relowner, r.table_oid, r.oid, r.nspname, r.relname,
           CASE WHEN NOT r.is_index THEN s.attname END, a.attnum, s.inherited,
           NULL, NULL, NULL, NULL,
           s.null_frac, s.avg_width, s.n_distinct, s.most_common_vals::text, s.most_common_freqs,
           s.histogram_bounds::text, s.correlation, s.most_common_elems::text, s.most_common_elem_freqs,
           s.elem_count_histogram, s.range_length_histogram::text, s.range_empty_frac,
           s.range_bounds_histogram::text
    FROM asked r
    JOIN pg_stats s ON s.schemaname = r.nspname AND s.tablename = r.relname
    LEFT JOIN pg_attribute a ON a.attrelid = CASE WHEN r.is_index THEN r.oid END AND a.attname = s.attname
    WHERE CASE WHEN s.inherited THEN r.with_heirs ELSE r.alone END
) AS gathered
ORDER BY relowner, table_oid, oid, number, attribute NULLS FIRST, inherited
