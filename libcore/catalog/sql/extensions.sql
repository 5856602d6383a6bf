-- Extensions that users created: one row each.
SELECT x.oid,
       x.extname AS name,
       pg_get_userbyid(x.extowner) AS owner,
       x.extversion AS version,
       n.nspname AS schema
FROM pg_extension x
JOIN pg_namespace n ON n.oid = x.extnamespace
WHERE x.oid >= 16384
ORDER BY x.extname;
