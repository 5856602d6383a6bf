-- Security labels of roles.
SELECT r.rolname AS role, l.provider, l.label
FROM pg_shseclabel l
JOIN pg_roles r ON r.oid = l.objoid
WHERE l.classoid = 'pg_authid'::regclass
ORDER BY 1, 2;
