-- Tables that publications name: one row each.
SELECT r.oid,
       NULL::text AS schema,
       p.pubname AS name,
       NULL::text AS owner,
       r.prrelid AS table_oid,
       NULL::text[] AS columns,
       NULL::text AS filter
FROM pg_publication_rel r
JOIN pg_publication p ON p.oid = r.prpubid
WHERE r.oid >= 16384
ORDER BY r.oid;
