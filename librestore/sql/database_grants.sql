-- The ACL of the database with OID $1, item by item; an unset one is the default for its owner.
SELECT pg_catalog.pg_get_userbyid(a.grantor) AS grantor,
       CASE WHEN a.grantee = 0 THEN '' ELSE pg_catalog.pg_get_userbyid(a.grantee) END AS grantee,
       a.privilege_type AS privilege,
       a.is_grantable AS grantable
  FROM pg_catalog.pg_database d,
       pg_catalog.aclexplode(coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba))) a
 WHERE d.oid = $1::oid
