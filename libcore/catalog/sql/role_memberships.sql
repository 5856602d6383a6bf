-- Who is a member of which role. grantor: NULL for the superuser that initdb made, and for a role
-- that is gone; the options: NULL before server 16.
SELECT m.rolname AS member,
       r.rolname AS role,
       g.rolname AS grantor,
       a.admin_option AS admin,
       to_jsonb(a) ->> 'inherit_option' AS inherits,
       to_jsonb(a) ->> 'set_option' AS sets
FROM pg_auth_members a
JOIN pg_roles r ON r.oid = a.roleid
JOIN pg_roles m ON m.oid = a.member
LEFT JOIN pg_roles g ON g.oid = a.grantor AND g.oid <> 10
ORDER BY 1, 2, 3;
