-- Conversions between encodings that users made: one row each.
SELECT c.oid,
       n.nspname AS schema,
       c.conname AS name,
       pg_get_userbyid(c.conowner) AS owner,
       pg_encoding_to_char(c.conforencoding) AS from_encoding,
       pg_encoding_to_char(c.contoencoding) AS to_encoding,
       c.conproc::regproc::text AS function,
       c.condefault AS is_default
FROM pg_conversion c
JOIN pg_namespace n ON n.oid = c.connamespace
WHERE c.oid >= 16384
  AND n.nspname !~ '^pg_(toast_)?temp_'
  AND NOT EXISTS (SELECT FROM pg_depend x
                  WHERE x.classid = 'pg_conversion'::regclass AND x.objid = c.oid
                    AND x.deptype = 'e')
ORDER BY c.oid;
