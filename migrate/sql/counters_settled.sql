-- Whether every session that worked at $1 or later has told its counters: before server 15 one that is idle does
-- when it works again, or ends. What this role may not see of a session counts as at work.
SELECT NOT EXISTS (
         SELECT 1
           FROM pg_catalog.pg_stat_activity a
          WHERE a.datname = pg_catalog.current_database()
            AND a.pid <> pg_catalog.pg_backend_pid()
            AND a.usesysid IS NOT NULL
            AND (coalesce(a.state, '') <> 'idle' OR a.state_change >= $1::timestamptz)
            AND coalesce(a.application_name, '') NOT LIKE 'belay%') AS settled
