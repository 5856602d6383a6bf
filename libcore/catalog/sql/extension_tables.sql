-- Configuration tables and sequences of extensions: one row each, with the extension's own
-- condition (it begins with WHERE, or is empty).
SELECT x.extname AS extension, c.oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind,
       coalesce(x.extcondition[k.position], '') AS condition,
       has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE') AS readable
FROM pg_extension x,
     unnest(x.extconfig) WITH ORDINALITY AS k(oid, position)
JOIN pg_class c ON c.oid = k.oid
JOIN pg_namespace n ON n.oid = c.relnamespace
ORDER BY x.extname, k.position;
