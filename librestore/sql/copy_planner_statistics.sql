-- The fields of docs/archive-format.md, section 6.
COPY pg_temp.belay_planner_statistics
  (schema, relation, attribute, number, inherited, relpages, reltuples, relallvisible, relallfrozen,
   null_frac, avg_width, n_distinct, most_common_vals, most_common_freqs, histogram_bounds, correlation,
   most_common_elems, most_common_elem_freqs, elem_count_histogram, range_length_histogram,
   range_empty_frac, range_bounds_histogram) FROM STDIN
