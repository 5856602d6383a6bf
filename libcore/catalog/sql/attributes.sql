-- Attributes of user objects that are not carried yet and that no row of their own shows: kind, the
-- object and its column (0: itself), what exactly. Identity in words.
WITH found AS (
-- DETACH PARTITION CONCURRENTLY that was interrupted (servers 14 and later).
SELECT 'partition being detached' AS kind, 'pg_class'::regclass::oid AS classid,
       i.inhrelid AS objid, 0 AS subid,
       'from ' || (pg_identify_object('pg_class'::regclass, i.inhparent, 0)).identity AS detail
FROM pg_inherits i
WHERE i.inhrelid >= 16384 AND (to_jsonb(i) ->> 'inhdetachpending')::boolean
UNION ALL  -- GRANT ON TYPE for a type that the server made for a relation or an array.
SELECT 'privileges on an implied type', 'pg_type'::regclass, t.oid, 0, t.typacl::text
FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
WHERE t.oid >= 16384 AND t.typacl IS NOT NULL
  AND (c.relkind <> 'c' OR t.typtype = 'm'
       OR EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid))
UNION ALL  -- Of a range or a multirange.
SELECT 'privileges on an implied function', 'pg_proc'::regclass, p.oid, 0, p.proacl::text
FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                               AND d.refclassid = 'pg_type'::regclass AND d.deptype = 'i'
WHERE p.oid >= 16384 AND p.proacl IS NOT NULL
UNION ALL
SELECT 'security label', l.classoid, l.objoid, l.objsubid, l.provider || ': ' || l.label
FROM pg_seclabel l
UNION ALL
SELECT 'security label', l.classoid, l.objoid, 0, l.provider || ': ' || l.label
FROM pg_shseclabel l JOIN pg_database d
  ON l.classoid = 'pg_database'::regclass AND l.objoid = d.oid AND d.datname = current_database()
UNION ALL
SELECT 'database tablespace', 'pg_database'::regclass, d.oid, 0, s.spcname
FROM pg_database d JOIN pg_tablespace s ON s.oid = d.dattablespace
WHERE d.datname = current_database() AND s.spcname <> 'pg_default'
UNION ALL  -- Its oid column is for superusers up to server 13: named through the database.
SELECT 'subscription', 'pg_database'::regclass, d.oid, 0, s.subname
FROM pg_subscription s JOIN pg_database d
  ON d.oid = s.subdbid AND d.datname = current_database()
)
SELECT f.kind, f.classid, f.objid, f.subid, f.detail,
       (pg_identify_object(f.classid, f.objid, f.subid)).identity AS identity
FROM found f
ORDER BY f.kind, identity, f.detail;
