-- Configuration sequences of extensions: one row each.
SELECT c.oid,
       n.nspname AS schema,
       c.relname AS name,
       NULL AS owner,
       x.extname AS extension,
       c.relpersistence AS persistence
FROM pg_extension x, unnest(x.extconfig) AS k(oid)
JOIN pg_class c ON c.oid = k.oid AND c.relkind = 'S'
JOIN pg_namespace n ON n.oid = c.relnamespace
ORDER BY c.oid;
