-- Since when the counters count. If either moves, counters prove nothing.
SELECT coalesce(d.stats_reset::text, 'never') AS stats_reset,
       pg_catalog.pg_postmaster_start_time()::text AS postmaster_start
  FROM pg_catalog.pg_stat_database d
 WHERE d.datname = pg_catalog.current_database()
