-- Hashes of passwords: for superusers, and for those who were granted SELECT on pg_authid.
SELECT a.rolname AS role, a.rolpassword AS password
FROM pg_authid a
WHERE a.rolpassword IS NOT NULL
ORDER BY 1;
