CREATE TEMPORARY TABLE belay_planner_statistics
  (place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, role name NOT NULL DEFAULT '',
   schema text, relation text, attribute text, number smallint, inherited boolean,
   relpages integer, reltuples real, relallvisible integer, relallfrozen integer,
   null_frac real, avg_width integer, n_distinct real, most_common_vals text, most_common_freqs real[],
   histogram_bounds text, correlation real, most_common_elems text, most_common_elem_freqs real[],
   elem_count_histogram real[], range_length_histogram text, range_empty_frac real,
   range_bounds_histogram text)
