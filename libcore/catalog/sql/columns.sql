-- Columns of tables, partitioned and foreign tables, views and materialized views: one row each, without dropped
-- ones. Statistics target -1, from server 17 on NULL: the default.
SELECT a.attrelid AS relation,
       a.attnum AS number,
       a.attname AS name,
       format_type(a.atttypid, a.atttypmod) AS type,
       a.atttypid AS type_oid,
       CASE WHEN a.attcollation <> t.typcollation
            THEN (SELECT format('%I.%I', cn.nspname, l.collname)
                  FROM pg_collation l JOIN pg_namespace cn ON cn.oid = l.collnamespace
                  WHERE l.oid = a.attcollation) END AS collation,
       a.attnotnull AS not_null,
       a.attidentity AS identity,
       a.attgenerated AS generated,
       a.attislocal AS local,
       t.typstorage AS type_storage,
       CASE WHEN c.relkind <> 'v' AND a.attstorage <> t.typstorage THEN a.attstorage END AS storage,
       '' AS compression,
       a.attstattarget AS statistics,
       -- pg_attver is the server's own stamp (minor releases of autumn 2026): nobody can set it,
       -- and the server's own dump leaves it out.
       CASE WHEN a.attoptions IS NOT NULL
            THEN ARRAY(SELECT o FROM unnest(a.attoptions) WITH ORDINALITY AS u(o, place)
                       WHERE NOT starts_with(o, 'pg_attver=') ORDER BY place) END AS options,
       a.attfdwoptions AS foreign_options
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.oid >= 16384 AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'pg_toast')
ORDER BY a.attrelid, a.attnum;
