-- The system catalogs of this database, as far as they are not shared with others: one row each,
-- with whether it has an oid column and whether this role may read it.
SELECT c.oid, c.relname AS name,
       EXISTS (SELECT FROM pg_attribute a
               WHERE a.attrelid = c.oid AND a.attname = 'oid' AND NOT a.attisdropped) AS has_oid,
       has_table_privilege(c.oid, 'SELECT') AS readable
FROM pg_class c
WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r' AND NOT c.relisshared
  AND c.oid < 16384
ORDER BY c.relname;
