-- Takes in the rows from place $1 to $2 that role $3 takes in; gathered on a server of version $4.
-- What is taken in only in part is not taken in: the server warns and says why. The planner takes
-- rows for each page from pg_class, times the size that it finds. The files of a copy are of another
-- size, so pages are scaled to it: then the planner counts as many rows as before. Of a column with
-- fewer than two ranges that are not empty, the server refuses the share of the empty ones.
SELECT CASE WHEN attribute IS NULL AND number IS NULL
            THEN pg_catalog.pg_restore_relation_stats(
                   'version', $4::integer, 'schemaname', schema, 'relname', relation,
                   'relpages', (relpages * scale)::integer, 'reltuples', reltuples,
                   'relallvisible', (relallvisible * scale)::integer,
                   'relallfrozen', (relallfrozen * scale)::integer)
            ELSE pg_catalog.pg_restore_attribute_stats(
                   'version', $4::integer, 'schemaname', schema, 'relname', relation,
                   'attname', attribute, 'attnum', number, 'inherited', inherited,
                   'null_frac', null_frac, 'avg_width', avg_width, 'n_distinct', n_distinct,
                   'most_common_vals', most_common_vals, 'most_common_freqs', most_common_freqs,
                   'histogram_bounds', histogram_bounds, 'correlation', correlation,
                   'most_common_elems', most_common_elems,
                   'most_common_elem_freqs', most_common_elem_freqs,
                   'elem_count_histogram', elem_count_histogram,
                   'range_length_histogram', range_length_histogram,
                   'range_empty_frac',
                   CASE WHEN range_length_histogram IS NOT NULL THEN range_empty_frac END,
                   'range_bounds_histogram', range_bounds_histogram)
       END AS taken, schema, relation, attribute, number
  FROM (SELECT *, CASE WHEN relpages > 0
                       THEN pg_catalog.pg_relation_size(pg_catalog.to_regclass(
                              pg_catalog.format('%I.%I', schema, relation)))
                            / (pg_catalog.current_setting('block_size')::float8 * relpages)
                       ELSE 1 END AS scale
          FROM pg_temp.belay_planner_statistics
         WHERE place BETWEEN $1::bigint AND $2::bigint AND role = $3::name) AS s
 ORDER BY place
