-- One row about the server, the database and the current role; with the collation's version.
SELECT pg_catalog.pg_is_in_recovery() AS in_recovery,
       r.rolsuper AS is_superuser,
       r.rolcreatedb OR r.rolsuper AS may_create_databases,
       pg_catalog.has_database_privilege(d.oid, 'CONNECT') AS may_connect,
       pg_catalog.pg_database_size(d.oid) AS database_size,
       pg_catalog.pg_encoding_to_char(d.encoding) AS encoding,
       d.datcollate AS lc_collate,
       d.datctype AS lc_ctype,
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_class c
         WHERE c.relkind IN ('r', 'p', 'm') AND c.oid >= 16384) AS tables,
       pg_catalog.current_setting('zero_damaged_pages') <> 'off'
         OR pg_catalog.current_setting('ignore_checksum_failure') <> 'off' AS ignores_damage,
       pg_catalog.current_setting('max_locks_per_transaction')::pg_catalog.int8
         * (pg_catalog.current_setting('max_connections')::pg_catalog.int8
            + pg_catalog.current_setting('max_prepared_transactions')::pg_catalog.int8) AS lock_slots,
       pg_catalog.current_setting('max_connections')::pg_catalog.int8
         - (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity
             WHERE backend_type = 'client backend') AS free_connections,
       d.datcollversion AS collation_recorded,
       pg_catalog.pg_database_collation_actual_version(d.oid) AS collation_actual
  FROM pg_catalog.pg_database d
  JOIN pg_catalog.pg_roles r ON r.rolname = CURRENT_USER
 WHERE d.datname = pg_catalog.current_database()
