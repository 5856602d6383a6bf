-- Comments on user objects, large objects and schema public: one row each. left_out: what a comment
-- is on that was set on a member of an extension behind its scripts.
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
SELECT d.classoid, d.objoid, d.objsubid, d.description,
       CASE WHEN x.refobjid IS NOT NULL
                 AND NOT EXISTS (SELECT FROM script s
                                 WHERE s.extension = x.refobjid AND s.xid = d.xmin::text)
            THEN pg_describe_object(d.classoid, d.objoid, d.objsubid) END AS left_out
FROM pg_description d
LEFT JOIN pg_depend x ON x.classid = d.classoid AND x.objid = d.objoid AND x.deptype = 'e'
                     AND x.refclassid = 'pg_extension'::regclass
WHERE d.objoid >= 16384
   OR d.classoid = 'pg_largeobject'::regclass
   OR (d.classoid = 'pg_namespace'::regclass AND d.objoid = 2200);
