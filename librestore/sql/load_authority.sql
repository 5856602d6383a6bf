-- Which tables their owners could load. $1 owners, $2 schemas, $3 names, as arrays of one length.
SELECT coalesce(pg_catalog.has_schema_privilege(r.oid, s.oid, 'USAGE')
                AND pg_catalog.has_table_privilege(r.oid, c.oid, 'INSERT'), false) AS can_load
  FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[]),
                  pg_catalog.unnest($3::text[]))
       WITH ORDINALITY AS wanted(owner, schema, name, n)
  LEFT JOIN pg_catalog.pg_roles r ON r.rolname = wanted.owner
  LEFT JOIN pg_catalog.pg_namespace s ON s.nspname = wanted.schema
  LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = s.oid AND c.relname = wanted.name
 ORDER BY wanted.n
