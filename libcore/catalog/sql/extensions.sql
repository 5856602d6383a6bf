-- Extensions that users created: one row each.
SELECT x.oid,
       x.extname AS name,
       pg_get_userbyid(x.extowner) AS owner,
       x.extversion AS version,
       n.nspname AS schema,
       (SELECT count(*) || ' objects, ' ||
               md5(string_agg(i.type || ' ' || i.identity, '; '
                              ORDER BY i.type COLLATE "C", i.identity COLLATE "C"))
        FROM pg_depend d, pg_identify_object(d.classid, d.objid, 0) i
        WHERE d.refclassid = 'pg_extension'::regclass AND d.refobjid = x.oid
          AND d.deptype = 'e') AS members
FROM pg_extension x
JOIN pg_namespace n ON n.oid = x.extnamespace
WHERE x.oid >= 16384
ORDER BY x.extname;
