-- Collations that users made: one row each. Up to server 14 the locale of an ICU collation stands in
-- the two columns of libc; its own column was renamed in server 17. `unusable`: made for another
-- encoding, in a template that had it.
SELECT c.oid,
       n.nspname AS schema,
       c.collname AS name,
       pg_get_userbyid(c.collowner) AS owner,
       c.collprovider AS provider,
       c.collisdeterministic AS deterministic,
       c.collcollate AS lc_collate,
       c.collctype AS lc_ctype,
       coalesce(j ->> 'colllocale', j ->> 'colliculocale') AS locale,
       j ->> 'collicurules' AS icu_rules,
       pg_encoding_to_char(c.collencoding) AS encoding,
       c.collencoding NOT IN (-1, d.encoding) AS unusable
FROM pg_collation c
JOIN pg_namespace n ON n.oid = c.collnamespace
JOIN pg_database d ON d.datname = current_database()
CROSS JOIN LATERAL to_jsonb(c) AS j
WHERE c.oid >= 16384
  AND n.nspname !~ '^pg_(toast_)?temp_'
  AND NOT EXISTS (SELECT FROM pg_depend x
                  WHERE x.classid = 'pg_collation'::regclass AND x.objid = c.oid AND x.deptype = 'e')
ORDER BY c.oid;
