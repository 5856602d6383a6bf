-- What depends, as a part, on an object that an extension made (an index on its table, an operator
-- added to its family ...): class, OID, and whether the extension's script made it too. What a user
-- added would be lost with CREATE EXTENSION. A part that is guarded where it is made again may count
-- as a user's by mistake: one that stands behind the script's last member.
WITH script AS (  -- transactions in which scripts of extensions ran, and the last command that made a member
    SELECT e.refobjid AS extension, e.xmin::text AS xid, max(e.cmin::text::bigint) AS last
    FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
    GROUP BY 1, 2
    UNION ALL  -- An update that made none.
    SELECT x.oid, x.xmin::text, 4294967295
    FROM pg_extension x
    WHERE NOT EXISTS (SELECT FROM pg_depend e
                      WHERE e.refclassid = 'pg_extension'::regclass AND e.refobjid = x.oid
                        AND e.deptype = 'e' AND e.xmin::text = x.xmin::text)
)
SELECT DISTINCT d.classid, d.objid,
       d.classid <> 'pg_publication_rel'::regclass AND EXISTS (
           SELECT FROM script s
           WHERE s.extension = e.refobjid AND s.xid = d.xmin::text
             AND (d.cmin::text::bigint <= s.last OR d.deptype <> 'a'
                  OR d.classid NOT IN ('pg_class'::regclass, 'pg_constraint'::regclass,
                                       'pg_trigger'::regclass, 'pg_rewrite'::regclass,
                                       'pg_policy'::regclass,
                                       'pg_attrdef'::regclass))) AS by_extension
FROM pg_depend e
JOIN pg_depend d ON d.refclassid = e.classid AND d.refobjid = e.objid
WHERE e.deptype = 'e' AND d.deptype IN ('a', 'i', 'P', 'S')
  AND NOT EXISTS (SELECT FROM pg_depend m
                  WHERE m.classid = d.classid AND m.objid = d.objid AND m.deptype = 'e');
