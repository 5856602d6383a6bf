-- Rows of catalogs without an oid column that belong to user objects, counted by the object they
-- describe: catalog, class and OID of that object, number of rows. System columns come with every
-- relation and are not counted.
SELECT 'pg_attribute' AS catalog, 'pg_class'::regclass::oid AS classid, attrelid AS objid,
       count(*) AS rows
FROM pg_attribute WHERE attrelid >= 16384 AND attnum > 0 AND NOT attisdropped
GROUP BY attrelid
UNION ALL
SELECT 'pg_index', 'pg_class'::regclass, indexrelid, 1 FROM pg_index WHERE indexrelid >= 16384
UNION ALL
SELECT 'pg_sequence', 'pg_class'::regclass, seqrelid, 1 FROM pg_sequence WHERE seqrelid >= 16384
UNION ALL
SELECT 'pg_inherits', 'pg_class'::regclass, inhrelid, count(*) FROM pg_inherits
WHERE inhrelid >= 16384 GROUP BY inhrelid
UNION ALL
SELECT 'pg_partitioned_table', 'pg_class'::regclass, partrelid, 1 FROM pg_partitioned_table
WHERE partrelid >= 16384
UNION ALL
SELECT 'pg_foreign_table', 'pg_class'::regclass, ftrelid, 1 FROM pg_foreign_table
WHERE ftrelid >= 16384
UNION ALL
SELECT 'pg_aggregate', 'pg_proc'::regclass, aggfnoid, 1 FROM pg_aggregate WHERE aggfnoid >= 16384
UNION ALL
SELECT 'pg_range', 'pg_type'::regclass, rngtypid, 1 FROM pg_range WHERE rngtypid >= 16384
UNION ALL
SELECT 'pg_ts_config_map', 'pg_ts_config'::regclass, mapcfg, count(*) FROM pg_ts_config_map
WHERE mapcfg >= 16384 GROUP BY mapcfg
UNION ALL
-- Comments name pg_largeobject, everything else its metadata.
SELECT 'pg_description',
       CASE classoid WHEN 'pg_largeobject'::regclass THEN 'pg_largeobject_metadata'::regclass
                     ELSE classoid END,
       objoid, count(*)
FROM pg_description
WHERE objoid >= 16384 OR classoid = 'pg_largeobject'::regclass
GROUP BY classoid, objoid
UNION ALL
SELECT 'pg_seclabel',
       CASE classoid WHEN 'pg_largeobject'::regclass THEN 'pg_largeobject_metadata'::regclass
                     ELSE classoid END,
       objoid, count(*)
FROM pg_seclabel
GROUP BY classoid, objoid;
