-- Rules of user tables and views: one row each, without those that are a view's query.
SELECT r.oid,
       n.nspname AS schema,
       r.rulename AS name,
       NULL AS owner,
       r.ev_class AS table_oid,
       pg_get_ruledef(r.oid) AS definition,
       r.ev_enabled AS enabled
FROM pg_rewrite r
JOIN pg_class c ON c.oid = r.ev_class
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE r.oid >= 16384 AND c.oid >= 16384 AND c.relpersistence <> 't' AND r.ev_type <> '1'
  AND n.nspname <> 'pg_catalog'
ORDER BY r.oid;
