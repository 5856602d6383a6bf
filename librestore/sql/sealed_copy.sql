-- What a sealed copy with OID $1 is known by besides its name.
SELECT s.system_identifier::text AS system_identifier,
       d.xmin AS row_version
  FROM pg_catalog.pg_database d,
       pg_catalog.pg_control_system() s
 WHERE d.oid = $1::oid
