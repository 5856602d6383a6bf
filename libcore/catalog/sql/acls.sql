-- Privileges of user objects: one row per item of a list in the list's order, privileges as words.
-- side: 'c' the current list, 'b' what the object would have without any GRANT or REVOKE. Objects
-- whose list is NULL are left out; an empty list gives one row with NULLs. Schema public starts as
-- initdb leaves it, which from server 15 on is without CREATE for PUBLIC.
WITH listed AS (
    SELECT 'pg_namespace'::regclass AS class, n.oid, 0 AS subid, n.nspowner AS owner,
           n.nspacl AS current, acldefault('n', n.nspowner) AS base
    FROM pg_namespace n WHERE n.nspacl IS NOT NULL AND n.oid >= 16384 AND n.nspname <> 'public'
    UNION ALL
    SELECT 'pg_namespace'::regclass, n.oid, 0, n.nspowner,
           coalesce(n.nspacl, acldefault('n', n.nspowner)),
           acldefault('n', n.nspowner) || makeaclitem(0, n.nspowner, 'USAGE', false)
               || CASE WHEN current_setting('server_version_num')::int < 150000
                       THEN ARRAY[makeaclitem(0, n.nspowner, 'CREATE', false)]
                       ELSE '{}' END
    FROM pg_namespace n WHERE n.nspname = 'public'
    UNION ALL
    SELECT 'pg_class'::regclass, c.oid, 0, c.relowner, c.relacl,
           acldefault(CASE WHEN c.relkind = 'S' THEN 's'::"char" ELSE 'r' END, c.relowner)
    FROM pg_class c WHERE c.relacl IS NOT NULL AND c.oid >= 16384
    UNION ALL
    SELECT 'pg_class'::regclass, c.oid, a.attnum, c.relowner, a.attacl, '{}'
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE a.attacl IS NOT NULL AND c.oid >= 16384 AND NOT a.attisdropped
    UNION ALL
    SELECT 'pg_proc'::regclass, p.oid, 0, p.proowner, p.proacl, acldefault('f', p.proowner)
    FROM pg_proc p WHERE p.proacl IS NOT NULL AND p.oid >= 16384
    UNION ALL
    SELECT 'pg_type'::regclass, t.oid, 0, t.typowner, t.typacl, acldefault('T', t.typowner)
    FROM pg_type t WHERE t.typacl IS NOT NULL AND t.oid >= 16384
    UNION ALL
    SELECT 'pg_foreign_data_wrapper'::regclass, w.oid, 0, w.fdwowner, w.fdwacl,
           acldefault('F', w.fdwowner)
    FROM pg_foreign_data_wrapper w WHERE w.fdwacl IS NOT NULL AND w.oid >= 16384
    UNION ALL
    SELECT 'pg_foreign_server'::regclass, s.oid, 0, s.srvowner, s.srvacl,
           acldefault('S', s.srvowner)
    FROM pg_foreign_server s WHERE s.srvacl IS NOT NULL AND s.oid >= 16384
    UNION ALL
    SELECT 'pg_language'::regclass, l.oid, 0, l.lanowner, l.lanacl, acldefault('l', l.lanowner)
    FROM pg_language l WHERE l.lanacl IS NOT NULL AND l.oid >= 16384
    UNION ALL  -- Without a schema they replace what is built in, within one they add to it.
    SELECT 'pg_default_acl'::regclass, d.oid, 0, d.defaclrole, d.defaclacl,
           CASE WHEN d.defaclnamespace <> 0 THEN '{}'
                WHEN d.defaclobjtype = 'S' THEN acldefault('s', d.defaclrole)
                WHEN d.defaclobjtype IN ('r', 'f', 'T', 'n', 'L')
                THEN acldefault(d.defaclobjtype, d.defaclrole)
                ELSE '{}' END  -- A letter that acldefault() refuses is named by the reader.
    FROM pg_default_acl d WHERE d.oid >= 16384
    UNION ALL
    SELECT 'pg_largeobject_metadata'::regclass, m.oid, 0, m.lomowner, m.lomacl,
           acldefault('L', m.lomowner)
    FROM pg_largeobject_metadata m WHERE m.lomacl IS NOT NULL
    UNION ALL
    SELECT 'pg_database'::regclass, d.oid, 0, d.datdba, d.datacl, acldefault('d', d.datdba)
    FROM pg_database d WHERE d.datacl IS NOT NULL AND d.datname = current_database()
), sided AS (
    SELECT class, oid, subid, 'c' AS side, current AS list FROM listed
    UNION ALL
    SELECT class, oid, subid, 'b', base FROM listed
)
SELECT s.class::oid AS classid, s.oid, s.subid, a.attname AS column_name, s.side, i.position,
       e.grantee, g.rolname AS grantee_name, e.grantor, r.rolname AS grantor_name,
       string_agg(e.privilege_type, ' ') AS privileges,
       string_agg(e.privilege_type, ' ') FILTER (WHERE e.is_grantable) AS grantable
FROM sided s
LEFT JOIN LATERAL unnest(s.list) WITH ORDINALITY AS i(item, position) ON true
LEFT JOIN LATERAL aclexplode(CASE WHEN i.item IS NOT NULL THEN ARRAY[i.item] END) AS e ON true
LEFT JOIN pg_roles g ON g.oid = e.grantee
LEFT JOIN pg_roles r ON r.oid = e.grantor
LEFT JOIN pg_attribute a ON s.subid <> 0 AND a.attrelid = s.oid AND a.attnum = s.subid
GROUP BY s.class, s.oid, s.subid, a.attname, s.side, i.position, e.grantee, g.rolname, e.grantor,
         r.rolname
ORDER BY s.class, s.oid, s.subid, s.side, i.position;
