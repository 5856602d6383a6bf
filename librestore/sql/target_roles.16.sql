-- Roles of this cluster, and whether objects may be given to them by the login role.
SELECT rolname, pg_catalog.pg_has_role(oid, 'SET') AS member
  FROM pg_catalog.pg_roles
