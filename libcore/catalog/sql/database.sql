-- The current database: one row. Columns that a major does not have are NULL (to_jsonb).
SELECT d.oid,
       d.datname AS name,
       pg_get_userbyid(d.datdba) AS owner,
       pg_encoding_to_char(d.encoding) AS encoding,
       coalesce(to_jsonb(d) ->> 'datlocprovider', 'c') AS locale_provider,
       d.datcollate AS lc_collate,
       d.datctype AS lc_ctype,
       coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale', '') AS locale,
       coalesce(to_jsonb(d) ->> 'daticurules', '') AS icu_rules,
       current_setting('lc_monetary') AS lc_monetary,
       CASE WHEN s.spcname <> 'pg_default' THEN s.spcname END AS tablespace,
       d.datconnlimit AS connection_limit,
       d.datistemplate AS is_template,
       d.datallowconn AS allow_connections,
       shobj_description(d.oid, 'pg_database') AS comment,
       pg_get_userbyid(10) AS bootstrap_role
FROM pg_database d
JOIN pg_tablespace s ON s.oid = d.dattablespace
WHERE d.datname = current_database();
