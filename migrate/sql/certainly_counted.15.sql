-- Whether every row that this role writes is counted: counting is on in its sessions, and neither it nor a role that
-- it may become can turn it off.
SELECT pg_catalog.current_setting('track_counts')::boolean
       AND NOT EXISTS (SELECT 1
                         FROM pg_catalog.pg_roles r
                        WHERE pg_catalog.pg_has_role(r.oid, 'MEMBER')
                          AND (r.rolsuper
                               OR pg_catalog.has_parameter_privilege(r.oid, 'track_counts', 'SET'))) AS certainly
