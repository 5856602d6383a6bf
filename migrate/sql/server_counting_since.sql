-- Since when the counters of the whole server count: since it was made, was told to begin anew, or came up after a
-- crash or from a copy of its directory.
SELECT pg_catalog.to_char(coalesce(b.stats_reset, 'epoch') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS since
  FROM pg_catalog.pg_stat_bgwriter b
