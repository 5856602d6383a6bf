-- Whether every session that worked at $1 or later has told its counters: they come when a session ends, or at the
-- latest ten seconds after its last transaction. What this role may not see of a session counts as at work.
SELECT NOT EXISTS (
         SELECT 1
           FROM pg_catalog.pg_stat_activity a
          WHERE a.datname = pg_catalog.current_database()
            AND a.pid <> pg_catalog.pg_backend_pid()
            AND a.usesysid IS NOT NULL
            AND (coalesce(a.state, '') <> 'idle'
                 OR a.state_change >= greatest($1::timestamptz, pg_catalog.clock_timestamp() - interval '11 seconds'))
            AND coalesce(a.application_name, '') NOT LIKE 'belay%') AS settled
