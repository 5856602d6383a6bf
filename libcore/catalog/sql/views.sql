-- Views and materialized views: one row each. volatile_query (materialized only): the query, or a
-- view below it, calls something whose result differs from one moment to the next.
WITH RECURSIVE user_view AS (
    SELECT c.oid, n.nspname, c.relname, c.relowner, c.relkind, c.reloptions, c.relispopulated,
           c.reltablespace, c.relam, c.reltoastrelid, c.relreplident,
           c.reltype, r.oid AS rule, r.ev_action
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_rewrite r ON r.ev_class = c.oid AND r.rulename = '_RETURN' AND r.ev_type = '1'
    WHERE c.relkind IN ('v', 'm') AND c.oid >= 16384 AND c.relpersistence <> 't'
      AND n.nspname <> 'pg_catalog'
      AND c.oid NOT IN (SELECT x.objid FROM pg_depend x
                    WHERE x.refclassid = 'pg_extension'::regclass AND x.deptype = 'e'
                      AND x.classid = 'pg_class'::regclass)
), below AS (
    SELECT v.oid AS top, v.rule AS rule FROM user_view v WHERE v.relkind = 'm'
    UNION
    SELECT b.top, r.oid
    FROM below b
    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = b.rule
                    AND d.refclassid = 'pg_class'::regclass
    JOIN pg_rewrite r ON r.ev_class = d.refobjid AND r.rulename = '_RETURN' AND r.oid <> b.rule
), called AS (
    SELECT DISTINCT b.top, m[1]::oid AS function
    FROM below b
    JOIN pg_rewrite r ON r.oid = b.rule,
    LATERAL regexp_matches(r.ev_action::text, ':(?:funcid|opfuncid|winfnoid|aggfnoid) (\d+)', 'g') m
    UNION
    SELECT DISTINCT b.top, o.oprcode::oid
    FROM below b
    JOIN pg_rewrite r ON r.oid = b.rule,
    LATERAL regexp_matches(r.ev_action::text, ':opno (\d+)', 'g') m
    JOIN pg_operator o ON o.oid = m[1]::oid
), restless AS (
    SELECT c.top
    FROM called c JOIN pg_proc p ON p.oid = c.function
    WHERE p.provolatile = 'v'
       OR (p.oid < 16384 AND p.provolatile = 's'
           AND (p.proname LIKE 'pg\_%' OR p.proname IN
                ('now', 'statement_timestamp', 'transaction_timestamp', 'current_setting',
                 'current_database', 'current_schema', 'current_schemas', 'current_user',
                 'session_user', 'version', 'txid_current_snapshot', 'inet_client_addr',
                 'inet_client_port', 'inet_server_addr', 'inet_server_port', 'age',
                 'has_table_privilege', 'has_schema_privilege', 'row_security_active')))
    UNION
    SELECT b.top FROM below b JOIN pg_rewrite r ON r.oid = b.rule
    WHERE r.ev_action::text ~ '{(SQLVALUEFUNCTION|TABLESAMPLECLAUSE) '
)
SELECT v.oid,
       v.nspname AS schema,
       v.relname AS name,
       pg_get_userbyid(v.relowner) AS owner,
       v.relkind = 'm' AS materialized,
       v.relispopulated AS populated,
       EXISTS (SELECT FROM restless WHERE restless.top = v.oid) AS volatile_query,
       v.reltype AS row_type,
       v.rule,
       pg_get_viewdef(v.oid) AS definition,
       s.spcname AS tablespace,
       CASE WHEN m.amname <> 'heap' THEN m.amname END AS access_method,
       v.reloptions AS options,
       o.reloptions AS toast_options,
       CASE WHEN v.relkind = 'v' THEN 'd' ELSE v.relreplident END AS replica_identity,
       EXISTS (SELECT FROM pg_index i WHERE i.indrelid = v.oid AND i.indisreplident) AS has_identity_index
FROM user_view v
LEFT JOIN pg_tablespace s ON s.oid = v.reltablespace
LEFT JOIN pg_am m ON m.oid = v.relam
LEFT JOIN pg_class o ON o.oid = v.reltoastrelid
ORDER BY v.oid;
