-- Configuration tables of extensions: one row each, with the extension's own condition for rows that
-- are not its own (it begins with WHERE, or is empty).
SELECT c.oid,
       n.nspname AS schema,
       c.relname AS name,
       NULL AS owner,
       x.extname AS extension,
       k.condition
FROM pg_extension x,
     ROWS FROM (unnest(x.extconfig), unnest(x.extcondition)) AS k(oid, condition)
JOIN pg_class c ON c.oid = k.oid AND c.relkind = 'r'
JOIN pg_namespace n ON n.oid = c.relnamespace
ORDER BY c.oid;
