-- Schemas that publications name: one row each.
SELECT r.oid,
       NULL::text AS schema,
       p.pubname || ' ' || n.nspname AS name,
       NULL::text AS owner,
       p.pubname AS publication,
       n.nspname AS published
FROM pg_publication_namespace r
JOIN pg_publication p ON p.oid = r.pnpubid
JOIN pg_namespace n ON n.oid = r.pnnspid
WHERE r.oid >= 16384
ORDER BY r.oid;
