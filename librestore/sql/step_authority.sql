-- Which roles may look into which schemas. $1 roles, $2 schemas, as arrays of one length.
SELECT coalesce(pg_catalog.has_schema_privilege(r.oid, s.oid, 'USAGE'), false) AS can_use
  FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[]))
       WITH ORDINALITY AS wanted(role, schema, n)
  LEFT JOIN pg_catalog.pg_roles r ON r.rolname = wanted.role
  LEFT JOIN pg_catalog.pg_namespace s ON s.nspname = wanted.schema
 ORDER BY wanted.n
