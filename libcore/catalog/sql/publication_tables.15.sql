-- Tables that publications name: one row each, with columns and filter from server 15 on.
SELECT r.oid,
       NULL::text AS schema,
       p.pubname AS name,
       NULL::text AS owner,
       r.prrelid AS table_oid,
       (SELECT array_agg(a.attname ORDER BY a.attnum)
        FROM pg_attribute a WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)) AS columns,
       pg_get_expr(r.prqual, r.prrelid) AS filter
FROM pg_publication_rel r
JOIN pg_publication p ON p.oid = r.prpubid
WHERE r.oid >= 16384
ORDER BY r.oid;
