-- Privileges on objects of initdb and of extensions, where they are not those of their making, and
-- objects of initdb that were given to another owner: one row per item of a list, as in acls.sql.
-- Items of one object, its columns included, have the same oid, which is only a number here. Initial
-- privileges are recorded; initdb makes information_schema after it did so: there a list that was
-- set begins with what PUBLIC may read.
WITH member AS (
    SELECT d.classid, d.objid, x.oid AS extension, x.extname
    FROM pg_depend d JOIN pg_extension x ON x.oid = d.refobjid
    WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND d.objsubid = 0
), relation AS (
    SELECT c.oid, c.relowner, c.relkind, c.relacl, c.relnamespace
    FROM pg_class c
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.oid < 16384
    UNION ALL
    SELECT c.oid, c.relowner, c.relkind, c.relacl, c.relnamespace
    FROM member m JOIN pg_class c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.oid >= 16384
), object AS (
    SELECT 'pg_class'::regclass AS class, c.oid, 0 AS subid, c.relowner AS owner,
           CASE WHEN c.relkind = 'S' THEN 's' ELSE 'r' END AS type, c.relacl AS current,
           acldefault(CASE WHEN c.relkind = 'S' THEN 's'::"char" ELSE 'r' END, c.relowner)
               || CASE WHEN c.relnamespace = (SELECT oid FROM pg_namespace
                                              WHERE nspname = 'information_schema')
                            AND c.relacl IS NOT NULL AND c.oid < 16384
                       THEN ARRAY[makeaclitem(0, c.relowner, 'SELECT', false)]
                       ELSE '{}' END AS standard
    FROM relation c
    UNION ALL
    SELECT 'pg_class'::regclass, c.oid, a.attnum, c.relowner,
           CASE WHEN c.relkind = 'S' THEN 's' ELSE 'r' END, a.attacl, '{}'
    FROM relation c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE NOT a.attisdropped
      AND (a.attacl IS NOT NULL
           OR (a.attrelid, a.attnum) IN (SELECT objoid, objsubid FROM pg_init_privs
                                         WHERE classoid = 'pg_class'::regclass))
    UNION ALL
    SELECT 'pg_proc'::regclass, p.oid, 0, p.proowner, 'f', p.proacl, acldefault('f', p.proowner)
    FROM pg_proc p
    UNION ALL
    SELECT 'pg_type'::regclass, t.oid, 0, t.typowner, 'T', t.typacl, acldefault('T', t.typowner)
    FROM pg_type t WHERE t.typrelid = 0 OR t.typacl IS NOT NULL
    UNION ALL
    SELECT 'pg_language'::regclass, l.oid, 0, l.lanowner, 'l', l.lanacl,
           acldefault('l', l.lanowner)
    FROM pg_language l
    UNION ALL
    SELECT 'pg_foreign_data_wrapper'::regclass, w.oid, 0, w.fdwowner, 'F', w.fdwacl,
           acldefault('F', w.fdwowner)
    FROM pg_foreign_data_wrapper w
    UNION ALL
    SELECT 'pg_foreign_server'::regclass, s.oid, 0, s.srvowner, 'S', s.srvacl,
           acldefault('S', s.srvowner)
    FROM pg_foreign_server s
    UNION ALL
    SELECT 'pg_namespace'::regclass, n.oid, 0, n.nspowner, 'n', n.nspacl,
           acldefault('n', n.nspowner)
               || CASE WHEN n.nspname = 'information_schema' AND n.oid < 16384
                       THEN ARRAY[makeaclitem(0, n.nspowner, 'USAGE', false)]
                       ELSE '{}' END
    FROM pg_namespace n WHERE n.nspname <> 'public'
), changed AS (
    SELECT o.*, m.extname, coalesce(o.current, o.standard) AS now,
           coalesce(i.initprivs, o.standard) AS base
    FROM object o
    LEFT JOIN pg_init_privs i
           ON i.classoid = o.class AND i.objoid = o.oid AND i.objsubid = o.subid
    LEFT JOIN member m ON m.classid = o.class AND m.objid = o.oid
    WHERE o.oid < 16384 AND o.owner <> 10 AND o.subid = 0
          AND NOT (o.class = 'pg_type'::regclass
                   AND EXISTS (SELECT FROM pg_type e WHERE e.typarray = o.oid))
       OR (o.current IS NOT NULL OR i.initprivs IS NOT NULL)
          AND (o.oid < 16384 OR m.extension IS NOT NULL)
          AND NOT (coalesce(o.current, o.standard) @> coalesce(i.initprivs, o.standard)
                   AND coalesce(o.current, o.standard) <@ coalesce(i.initprivs, o.standard))
), named AS (
    SELECT c.*, dense_rank() OVER (ORDER BY c.class, c.oid) AS number,
           CASE c.type WHEN 's' THEN 'SEQUENCE' WHEN 'r' THEN 'TABLE' WHEN 'f' THEN
                    CASE WHEN p.prokind = 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END
                WHEN 'T' THEN 'TYPE' WHEN 'l' THEN 'LANGUAGE' WHEN 'F' THEN 'FOREIGN DATA WRAPPER'
                WHEN 'S' THEN 'FOREIGN SERVER' WHEN 'n' THEN 'SCHEMA' END AS word,
           CASE WHEN t.oid IS NULL THEN (pg_identify_object(c.class, c.oid, 0)).identity
                ELSE format('%I.%I', n.nspname, t.typname) END AS identity,
           (SELECT a.attname FROM pg_attribute a
            WHERE c.subid <> 0 AND a.attrelid = c.oid AND a.attnum = c.subid) AS attname
    FROM changed c
    LEFT JOIN pg_proc p ON c.class = 'pg_proc'::regclass AND p.oid = c.oid
    LEFT JOIN pg_type t ON c.class = 'pg_type'::regclass AND t.oid = c.oid
    LEFT JOIN pg_namespace n ON n.oid = t.typnamespace
), sided AS (
    SELECT n.*, 'c' AS side, n.now AS list FROM named n
    UNION ALL
    SELECT n.*, 'b', n.base FROM named n
)
SELECT s.number AS oid, NULL AS schema, s.identity AS name, pg_get_userbyid(s.owner) AS owner,
       s.type, s.word || ' ' || s.identity AS target, s.extname AS extension,
       s.oid < 16384 AND s.owner <> 10 AS given_away,
       (SELECT u.rolsuper FROM pg_roles u WHERE u.oid = s.owner) AS of_superuser,
       s.attname AS column_name, s.side,
       e.grantee, g.rolname AS grantee_name, e.grantor, r.rolname AS grantor_name,
       string_agg(e.privilege_type, ' ') AS privileges,
       string_agg(e.privilege_type, ' ') FILTER (WHERE e.is_grantable) AS grantable
FROM sided s
LEFT JOIN LATERAL unnest(s.list) WITH ORDINALITY AS i(item, position) ON true
LEFT JOIN LATERAL aclexplode(CASE WHEN i.item IS NOT NULL THEN ARRAY[i.item] END) AS e ON true
LEFT JOIN pg_roles g ON g.oid = e.grantee
LEFT JOIN pg_roles r ON r.oid = e.grantor
GROUP BY s.number, s.oid, s.subid, s.identity, s.owner, s.type, s.word, s.extname, s.attname, s.side,
         i.position, e.grantee, g.rolname, e.grantor, r.rolname
ORDER BY s.number, s.subid, s.side, i.position;
