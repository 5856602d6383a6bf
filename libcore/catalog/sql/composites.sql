-- Composite types: one row per column in order; a type without columns gives one row with NULLs.
SELECT t.oid,
       c.oid AS relation,
       n.nspname AS schema,
       t.typname AS name,
       pg_get_userbyid(t.typowner) AS owner,
       a.attnum AS number,
       a.attname AS column_name,
       format_type(a.atttypid, a.atttypmod) AS type,
       CASE WHEN a.attcollation <> ct.typcollation
            THEN (SELECT format('%I.%I', cn.nspname, l.collname)
                  FROM pg_collation l JOIN pg_namespace cn ON cn.oid = l.collnamespace
                  WHERE l.oid = a.attcollation) END AS collation
FROM pg_class c
JOIN pg_type t ON t.oid = c.reltype
JOIN pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_type ct ON ct.oid = a.atttypid
WHERE c.relkind = 'c' AND c.oid >= 16384
  AND n.nspname !~ '^pg_(toast_)?temp_'
  AND n.nspname <> 'pg_catalog'
  AND NOT EXISTS (SELECT FROM pg_depend x
                  WHERE x.classid = 'pg_type'::regclass AND x.objid = t.oid AND x.deptype = 'e')
ORDER BY t.oid, a.attnum;
