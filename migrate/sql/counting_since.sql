-- Since when the counters count. If either moves, counters prove nothing; nor do they if nothing is counted.
SELECT coalesce(d.stats_reset::text, 'never') AS stats_reset,
       pg_catalog.pg_postmaster_start_time()::text AS postmaster_start,
       pg_catalog.current_setting('track_counts')::boolean AS counting,
       pg_catalog.clock_timestamp()::text AS server_clock
  FROM pg_catalog.pg_stat_database d
 WHERE d.datname = pg_catalog.current_database()
