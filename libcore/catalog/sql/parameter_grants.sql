-- Privileges on parameters came with server 15.
SELECT NULL::text AS parameter, NULL::text AS role, NULL::text AS grantor, NULL::text AS privilege,
       NULL::boolean AS grantable
WHERE false;
