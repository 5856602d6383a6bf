-- Who this database is, now. The timeline of a primary is the one it writes to (the last checkpoint
-- may be older than a promotion); a standby follows the timeline its recovery has reached.
SELECT s.system_identifier::text AS system_identifier,
       CASE WHEN pg_catalog.pg_is_in_recovery()
            THEN GREATEST(c.timeline_id, r.min_recovery_end_timeline)
            ELSE ('x' || pg_catalog.substr(
                     pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_insert_lsn()), 1, 8)
                 )::bit(32)::int
       END AS timeline,
       d.datname AS database,
       d.oid AS database_oid,
       pg_catalog.current_setting('server_version_num') AS server_version,
       pg_catalog.current_setting('server_version') AS server_version_text,
       pg_catalog.pg_current_snapshot()::text AS snapshot,
       CASE WHEN pg_catalog.pg_is_in_recovery()
            THEN pg_catalog.pg_last_wal_replay_lsn()
            ELSE pg_catalog.pg_current_wal_insert_lsn()
       END::text AS wal_position,
       pg_catalog.to_char(pg_catalog.clock_timestamp() AT TIME ZONE 'UTC',
                          'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS server_clock,
       pg_catalog.pg_is_in_recovery() AS in_recovery,
       pg_catalog.to_char(pg_catalog.pg_postmaster_start_time() AT TIME ZONE 'UTC',
                          'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS postmaster_start,
       pg_catalog.host(pg_catalog.inet_server_addr()) || ':' || pg_catalog.inet_server_port()
         AS server_address,
       -- Not an error for a role that may not know: then there is no such row.
       (SELECT g.setting FROM pg_catalog.pg_settings g WHERE g.name = 'data_directory')
         AS data_directory
  FROM pg_catalog.pg_database d,
       pg_catalog.pg_control_system() s,
       pg_catalog.pg_control_checkpoint() c,
       pg_catalog.pg_control_recovery() r
 WHERE d.datname = pg_catalog.current_database()
