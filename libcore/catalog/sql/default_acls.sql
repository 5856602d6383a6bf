-- ALTER DEFAULT PRIVILEGES: one row for each role, kind of object, and schema (NULL: any).
SELECT d.oid,
       NULL::text AS schema,
       concat_ws(' in ',
                 pg_get_userbyid(d.defaclrole) || ' on ' ||
                 CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences'
                      WHEN 'f' THEN 'functions' WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas'
                      WHEN 'L' THEN 'large objects' ELSE d.defaclobjtype::text END,
                 n.nspname) AS name,
       pg_get_userbyid(d.defaclrole) AS owner,
       n.nspname AS in_schema,
       d.defaclobjtype AS object_type
FROM pg_default_acl d
LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
WHERE d.oid >= 16384
ORDER BY d.oid;
