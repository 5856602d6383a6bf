-- Extensions that users created: one row each. Of members, a count and a digest; in it stand also the members of
-- operator families and classes, which belong to no extension themselves: what was added to a family where the
-- extension was created looks as if its script had done so.
SELECT x.oid,
       x.extname AS name,
       pg_get_userbyid(x.extowner) AS owner,
       x.extversion AS version,
       n.nspname AS schema,
       (SELECT count(*) FILTER (WHERE m.itself) || ' objects, ' ||
               md5(string_agg(i.type || ' ' || i.identity, '; '
                              ORDER BY i.type COLLATE "C", i.identity COLLATE "C"))
        FROM (SELECT d.classid, d.objid, true AS itself
              FROM pg_depend d
              WHERE d.refclassid = 'pg_extension'::regclass AND d.refobjid = x.oid AND d.deptype = 'e'
              UNION
              SELECT p.classid, p.objid, false
              FROM pg_depend d
              JOIN pg_depend p ON p.refclassid = d.classid AND p.refobjid = d.objid
                              AND p.classid IN ('pg_amop'::regclass, 'pg_amproc'::regclass)
                              AND p.deptype IN ('a', 'i')
              WHERE d.refclassid = 'pg_extension'::regclass AND d.refobjid = x.oid AND d.deptype = 'e'
                AND d.classid IN ('pg_opfamily'::regclass, 'pg_opclass'::regclass)) AS m,
             pg_identify_object(m.classid, m.objid, 0) AS i) AS members
FROM pg_extension x
JOIN pg_namespace n ON n.oid = x.extnamespace
WHERE x.oid >= 16384
ORDER BY x.extname;
