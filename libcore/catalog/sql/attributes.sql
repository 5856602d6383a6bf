-- Attributes of user objects that are not carried yet and that no row of their own shows: kind, the
-- object and its column (0: itself), what exactly. Identity in words.
WITH member AS (  -- of extensions: when it became one, as against whatever else it depends on
    SELECT e.refobjid AS extension, e.classid, e.objid, e.xmin::text AS xid,
           bool_and(o.xmin::text <> e.xmin::text AND age(o.xmin) > age(e.xmin)) AS older,
           bool_and(o.xmin::text = e.xmin::text AND o.cmin::text::bigint < e.cmin::text::bigint) AS earlier,
           bool_or(o.xmin::text = e.xmin::text AND o.cmin::text::bigint = e.cmin::text::bigint) AS at_once
    FROM pg_depend e
    JOIN pg_depend o ON o.classid = e.classid AND o.objid = e.objid AND o.deptype <> 'e'
    WHERE e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e' AND e.objid >= 16384
    GROUP BY e.refobjid, e.classid, e.objid, e.xmin::text
), found AS (
-- GRANT ON TYPE for a type that the server made for a relation or an array.
SELECT 'privileges on an implied type' AS kind, 'pg_type'::regclass::oid AS classid,
       t.oid AS objid, 0 AS subid, t.typacl::text AS detail
FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
WHERE t.oid >= 16384 AND t.typacl IS NOT NULL
  AND (c.relkind <> 'c' OR t.typtype = 'm'
       OR EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid))
UNION ALL  -- Of a range or a multirange.
SELECT 'privileges on an implied function', 'pg_proc'::regclass, p.oid, 0, p.proacl::text
FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                               AND d.refclassid = 'pg_type'::regclass AND d.deptype = 'i'
WHERE p.oid >= 16384 AND p.proacl IS NOT NULL
UNION ALL  -- ALTER EXTENSION ... ADD: older than its membership in every respect. No script makes it.
           -- In one transaction only if a script ran there, too: pg_upgrade makes all members so.
SELECT 'member added by hand', 'pg_extension'::regclass, m.extension, 0,
       pg_describe_object(m.classid, m.objid, 0)
FROM member m
WHERE m.older OR m.earlier AND EXISTS (SELECT FROM member s
                                       WHERE s.extension = m.extension AND s.xid = m.xid AND s.at_once)
UNION ALL  -- Connection strings are for superusers, up to server 13 the oid is, too: named through
           -- the database.
SELECT 'subscription', 'pg_database'::regclass, d.oid, 0, s.subname
FROM pg_subscription s JOIN pg_database d
  ON d.oid = s.subdbid AND d.datname = current_database()
WHERE NOT has_table_privilege('pg_subscription', 'SELECT')
)
SELECT f.kind, f.classid, f.objid, f.subid, f.detail,
       (pg_identify_object(f.classid, f.objid, f.subid)).identity AS identity
FROM found f
ORDER BY f.kind, identity, f.detail;
