-- Every role, and what the login role may do with it: have its rights without becoming it, become
-- it (SET ROLE; also, give it what the login owns), change its settings in a database.
SELECT r.rolname,
       r.rolsuper AS superuser,
       pg_catalog.pg_has_role(r.oid, 'USAGE') AS acts,
       pg_catalog.pg_has_role(r.oid, 'SET') AS becomes,
       me.rolsuper OR r.oid = me.oid
         OR NOT r.rolsuper AND me.rolcreaterole
            AND pg_catalog.pg_has_role(r.oid, 'MEMBER WITH ADMIN OPTION') AS alters
  FROM pg_catalog.pg_roles r
  JOIN pg_catalog.pg_roles me ON me.rolname = CURRENT_USER
