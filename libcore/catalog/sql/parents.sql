-- Rows of catalogs without an oid column that belong to user objects: catalog, and for each of its
-- rows class and OID of the object that it describes. System columns come with every relation and
-- are not counted.
SELECT 'pg_attribute' AS catalog, 'pg_class'::regclass::oid AS classid,
       array_agg(attrelid) AS objids
FROM pg_attribute WHERE attrelid >= 16384 AND attnum > 0 AND NOT attisdropped
UNION ALL
SELECT 'pg_index', 'pg_class'::regclass, array_agg(indexrelid) FROM pg_index
WHERE indexrelid >= 16384
UNION ALL
SELECT 'pg_sequence', 'pg_class'::regclass, array_agg(seqrelid) FROM pg_sequence
WHERE seqrelid >= 16384
UNION ALL
SELECT 'pg_inherits', 'pg_class'::regclass, array_agg(inhrelid) FROM pg_inherits
WHERE inhrelid >= 16384
UNION ALL
SELECT 'pg_partitioned_table', 'pg_class'::regclass, array_agg(partrelid)
FROM pg_partitioned_table WHERE partrelid >= 16384
UNION ALL
SELECT 'pg_foreign_table', 'pg_class'::regclass, array_agg(ftrelid) FROM pg_foreign_table
WHERE ftrelid >= 16384
UNION ALL
SELECT 'pg_aggregate', 'pg_proc'::regclass, array_agg(aggfnoid::oid) FROM pg_aggregate
WHERE aggfnoid >= 16384
UNION ALL
SELECT 'pg_range', 'pg_type'::regclass, array_agg(rngtypid) FROM pg_range WHERE rngtypid >= 16384
UNION ALL
SELECT 'pg_ts_config_map', 'pg_ts_config'::regclass, array_agg(mapcfg) FROM pg_ts_config_map
WHERE mapcfg >= 16384
UNION ALL  -- Comments name pg_largeobject, everything else its metadata.
SELECT 'pg_description',
       CASE classoid WHEN 'pg_largeobject'::regclass THEN 'pg_largeobject_metadata'::regclass
                     ELSE classoid END,
       array_agg(objoid)
FROM pg_description
WHERE objoid >= 16384 OR classoid = 'pg_largeobject'::regclass
GROUP BY classoid
UNION ALL
SELECT 'pg_seclabel',
       CASE classoid WHEN 'pg_largeobject'::regclass THEN 'pg_largeobject_metadata'::regclass
                     ELSE classoid END,
       array_agg(objoid)
FROM pg_seclabel
GROUP BY classoid;
