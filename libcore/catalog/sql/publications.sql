-- Publications: one row each.
SELECT p.oid,
       NULL::text AS schema,
       p.pubname AS name,
       pg_get_userbyid(p.pubowner) AS owner,
       p.puballtables AS all_tables,
       p.pubinsert AS inserts,
       p.pubupdate AS updates,
       p.pubdelete AS deletes,
       p.pubtruncate AS truncates,
       p.pubviaroot AS via_partition_root,
       coalesce(to_jsonb(p) ->> 'pubgencols', 'n') AS generated_columns
FROM pg_publication p
WHERE p.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_depend x
                  WHERE x.classid = 'pg_publication'::regclass AND x.objid = p.oid
                    AND x.deptype = 'e')
ORDER BY p.oid;
