-- The roles of the cluster, without those that come with the server: one row each.
SELECT r.rolname AS name,
       r.rolsuper AS superuser,
       r.rolinherit AS inherits,
       r.rolcreaterole AS creates_roles,
       r.rolcreatedb AS creates_databases,
       r.rolcanlogin AS logs_in,
       r.rolreplication AS replicates,
       r.rolbypassrls AS bypasses_row_security,
       r.rolconnlimit AS connection_limit,
       CASE WHEN r.rolvaliduntil IN ('infinity', '-infinity') THEN r.rolvaliduntil::text
            ELSE to_char(r.rolvaliduntil AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.USOF BC')
       END AS valid_until,
       shobj_description(r.oid, 'pg_authid') AS comment
FROM pg_roles r
WHERE r.rolname !~ '^pg_'
ORDER BY 1;
