-- Privileges on parameters: one row each. role: NULL for PUBLIC; grantor: NULL for the superuser that
-- initdb made, who owns them all.
SELECT p.parname AS parameter,
       r.rolname AS role,
       g.rolname AS grantor,
       a.privilege_type AS privilege,
       a.is_grantable AS grantable
FROM pg_parameter_acl p
CROSS JOIN LATERAL aclexplode(p.paracl) a
LEFT JOIN pg_roles r ON r.oid = a.grantee
LEFT JOIN pg_roles g ON g.oid = a.grantor AND g.oid <> 10
WHERE a.grantee <> 10
ORDER BY 1, 2, 3, 4;
