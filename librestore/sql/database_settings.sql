-- One row: what belongs to the database with OID $1.
SELECT pg_catalog.pg_get_userbyid(d.datdba) AS owner,
       d.datconnlimit AS connection_limit,
       d.datistemplate AS is_template,
       pg_catalog.shobj_description(d.oid, 'pg_database') AS comment
  FROM pg_catalog.pg_database d
 WHERE d.oid = $1::oid
