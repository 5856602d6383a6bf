-- Attributes of user objects that are not carried yet and that no row of their own shows: kind, the
-- object and its column (0: itself), what exactly. Identity in words.
WITH found AS (
-- DETACH PARTITION CONCURRENTLY that was interrupted (servers 14 and later).
SELECT 'partition being detached' AS kind, 'pg_class'::regclass::oid AS classid,
       i.inhrelid AS objid, 0 AS subid,
       'from ' || (pg_identify_object('pg_class'::regclass, i.inhparent, 0)).identity AS detail
FROM pg_inherits i
WHERE i.inhrelid >= 16384 AND (to_jsonb(i) ->> 'inhdetachpending')::boolean
UNION ALL  -- Relation kinds whose columns are carried: r, p, v, m, by attnum from 1 up.
SELECT 'column privileges', 'pg_class'::regclass, a.attrelid, a.attnum, a.attacl::text
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE a.attrelid >= 16384 AND a.attacl IS NOT NULL
  AND (a.attnum < 0 OR c.relkind NOT IN ('r', 'p', 'v', 'm', 'f'))
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
UNION ALL  -- GRANT and REVOKE on objects of initdb and of extensions. initdb makes information_schema
           -- after it recorded the initial privileges: readable by PUBLIC where a list is set.
SELECT CASE WHEN o.oid < 16384 THEN 'privileges on a built-in object'
            ELSE 'privileges on an extension member' END,
       o.class, o.oid, o.subid, coalesce(o.current, o.standard)::text
FROM (SELECT 'pg_class'::regclass::oid AS class, c.oid, 0 AS subid, c.relacl AS current,
             acldefault(CASE WHEN c.relkind = 'S' THEN 's'::"char" ELSE 'r' END, c.relowner)
                 || CASE WHEN c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'information_schema')
                              AND c.relacl IS NOT NULL AND c.oid < 16384
                         THEN ARRAY[makeaclitem(0, c.relowner, 'SELECT', false)]
                         ELSE '{}' END AS standard
      FROM pg_class c WHERE c.relkind NOT IN ('i', 'I', 't', 'c')
      UNION ALL
      SELECT 'pg_class'::regclass, a.attrelid, a.attnum, a.attacl, '{}'
      FROM pg_attribute a WHERE a.attacl IS NOT NULL AND NOT a.attisdropped
      UNION ALL
      SELECT 'pg_proc'::regclass, p.oid, 0, p.proacl, acldefault('f', p.proowner) FROM pg_proc p
      UNION ALL
      SELECT 'pg_type'::regclass, t.oid, 0, t.typacl, acldefault('T', t.typowner) FROM pg_type t
      UNION ALL
      SELECT 'pg_language'::regclass, l.oid, 0, l.lanacl, acldefault('l', l.lanowner)
      FROM pg_language l
      UNION ALL
      SELECT 'pg_foreign_data_wrapper'::regclass, w.oid, 0, w.fdwacl, acldefault('F', w.fdwowner)
      FROM pg_foreign_data_wrapper w
      UNION ALL
      SELECT 'pg_namespace'::regclass, n.oid, 0, n.nspacl,
             acldefault('n', n.nspowner)
                 || CASE WHEN n.nspname = 'information_schema' AND n.oid < 16384
                         THEN ARRAY[makeaclitem(0, n.nspowner, 'USAGE', false)]
                         ELSE '{}' END
      FROM pg_namespace n WHERE n.nspname <> 'public') AS o
LEFT JOIN pg_init_privs i ON i.classoid = o.class AND i.objoid = o.oid AND i.objsubid = o.subid
LEFT JOIN pg_depend x ON x.classid = o.class AND x.objid = o.oid AND x.objsubid = 0
                     AND x.deptype = 'e'
WHERE (o.current IS NOT NULL OR i.initprivs IS NOT NULL)
  AND (o.oid < 16384 OR x.objid IS NOT NULL)
  AND NOT (coalesce(o.current, o.standard) @> coalesce(i.initprivs, o.standard)
           AND coalesce(o.current, o.standard) <@ coalesce(i.initprivs, o.standard))
)
SELECT f.kind, f.classid, f.objid, f.subid, f.detail,
       (pg_identify_object(f.classid, f.objid, f.subid)).identity AS identity
FROM found f
ORDER BY f.kind, identity, f.detail;
