-- Tables, partitioned and foreign tables: one row each. unstable_hash: hash partitioned by a key whose hash
-- is not the same in another database (enums hash by OID; floats, expressions, user operator
-- classes and nondeterministic collations are not known to be).
SELECT c.oid,
       n.nspname AS schema,
       c.relname AS name,
       pg_get_userbyid(c.relowner) AS owner,
       c.relkind AS kind,
       c.relpersistence AS persistence,
       c.reltype AS row_type,
       c.relkind = 'p' AS is_partitioned,
       CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,
       CASE WHEN c.relispartition THEN h.parents[1] END AS partition_of,
       pg_get_expr(c.relpartbound, c.oid) AS partition_bound,
       c.relispartition AS is_partition,
       CASE WHEN NOT c.relispartition THEN h.parents END AS parents,
       CASE WHEN NOT c.relispartition THEN h.names END AS parent_names,
       CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END AS of_type,
       p.partstrat AS strategy,
       CASE WHEN p.partstrat = 'h' THEN EXISTS (
           SELECT FROM unnest(p.partattrs::int2[], p.partclass::oid[], p.partcollation::oid[])
                       AS k(attnum, opclass, collation_oid)
           LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
           LEFT JOIN pg_type t ON t.oid = a.atttypid
           LEFT JOIN pg_type b ON b.oid = t.typbasetype
           LEFT JOIN pg_collation l ON l.oid = k.collation_oid
           WHERE k.attnum = 0 OR k.opclass >= 16384
              OR coalesce(b.oid, t.oid) IN ('float4'::regtype, 'float8'::regtype)
              OR coalesce(b.typtype, t.typtype) <> 'b'
              OR coalesce(b.typelem, t.typelem) >= 16384
              OR NOT l.collisdeterministic) ELSE false END AS unstable_hash,
       fs.srvname AS server,
       f.ftoptions AS foreign_options,
       s.spcname AS tablespace,
       CASE WHEN m.amname <> 'heap' THEN m.amname END AS access_method,
       c.reloptions AS options,
       o.reloptions AS toast_options,
       CASE WHEN c.relkind = 'f' THEN 'd' ELSE c.relreplident END AS replica_identity,
       EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisreplident) AS has_identity_index,
       c.relrowsecurity AS row_security,
       c.relforcerowsecurity AS force_row_security,
       c.reltuples AS estimated_rows
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN (SELECT i.inhrelid, array_agg(i.inhparent ORDER BY i.inhseqno) AS parents,
                  array_agg(format('%I.%I', pn.nspname, pc.relname) ORDER BY i.inhseqno) AS names
           FROM pg_inherits i
           JOIN pg_class pc ON pc.oid = i.inhparent
           JOIN pg_namespace pn ON pn.oid = pc.relnamespace
           GROUP BY i.inhrelid) AS h ON h.inhrelid = c.oid
LEFT JOIN pg_partitioned_table p ON p.partrelid = c.oid
LEFT JOIN pg_foreign_table f ON f.ftrelid = c.oid
LEFT JOIN pg_foreign_server fs ON fs.oid = f.ftserver
LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
LEFT JOIN pg_am m ON m.oid = c.relam
LEFT JOIN pg_class o ON o.oid = c.reltoastrelid
WHERE c.relkind IN ('r', 'p', 'f') AND c.oid >= 16384 AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'pg_toast')
  AND c.oid NOT IN (SELECT x.objid FROM pg_depend x
                    WHERE x.refclassid = 'pg_extension'::regclass AND x.deptype = 'e'
                      AND x.classid = 'pg_class'::regclass)
ORDER BY c.oid;
