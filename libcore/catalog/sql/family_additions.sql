-- Operator families that initdb or an extension made and to which others added members: one row each. Not what is a
-- class's own, nor what a script of an extension made, for a family of its own or with an operator or function of its own.
WITH script AS (  -- transactions in which scripts of extensions ran
    SELECT e.refobjid AS extension, e.xmin::text AS xid
    FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
    UNION
    SELECT x.oid, x.xmin::text FROM pg_extension x
), family AS (
    SELECT f.oid, f.opfname, f.opfnamespace, f.opfmethod, x.extname
    FROM pg_opfamily f
    LEFT JOIN pg_depend e ON e.classid = 'pg_opfamily'::regclass AND e.objid = f.oid AND e.deptype = 'e'
                         AND e.refclassid = 'pg_extension'::regclass
    LEFT JOIN pg_extension x ON x.oid = e.refobjid
    WHERE f.oid < 16384 OR x.oid IS NOT NULL
), member AS (
    SELECT f.oid AS family, 1 AS sort, o.amopstrategy AS number, 'pg_amop'::regclass AS class, o.oid,
           'OPERATOR ' || o.amopstrategy || ' ' || o.amopopr::regoperator::text
               || coalesce((SELECT format(' FOR ORDER BY %I.%I', s_n.nspname, s.opfname)
                            FROM pg_opfamily s JOIN pg_namespace s_n ON s_n.oid = s.opfnamespace
                            WHERE s.oid = o.amopsortfamily), '') AS clause
    FROM pg_amop o JOIN family f ON f.oid = o.amopfamily
    WHERE o.oid >= 16384
    UNION ALL
    SELECT f.oid, 2, p.amprocnum, 'pg_amproc'::regclass, p.oid,
           format('FUNCTION %s (%s, %s) %s', p.amprocnum, format_type(p.amproclefttype, NULL),
                  format_type(p.amprocrighttype, NULL), p.amproc::regprocedure)
    FROM pg_amproc p JOIN family f ON f.oid = p.amprocfamily
    WHERE p.oid >= 16384
), added AS (
    SELECT m.family,
           array_agg(m.clause ORDER BY m.sort, m.number, m.clause COLLATE "C") AS members,
           array_agg(m.oid) FILTER (WHERE m.sort = 1) AS operator_rows,
           array_agg(m.oid) FILTER (WHERE m.sort = 2) AS function_rows
    FROM member m
    WHERE NOT EXISTS (SELECT FROM pg_depend d
                      WHERE d.classid = m.class AND d.objid = m.oid AND d.deptype IN ('a', 'i')
                        AND d.refclassid = 'pg_opclass'::regclass)
      AND NOT EXISTS (SELECT FROM pg_depend d
                      JOIN pg_depend e ON e.classid = d.refclassid AND e.objid = d.refobjid AND e.deptype = 'e'
                      JOIN script s ON s.extension = e.refobjid AND s.xid = d.xmin::text
                      WHERE d.classid = m.class AND d.objid = m.oid AND d.deptype IN ('a', 'i'))
    GROUP BY m.family
)
SELECT f.oid,
       n.nspname AS schema,
       f.opfname AS name,
       NULL AS owner,
       a.amname AS access_method,
       f.extname AS extension,
       k.members, k.operator_rows, k.function_rows
FROM added k
JOIN family f ON f.oid = k.family
JOIN pg_namespace n ON n.oid = f.opfnamespace
JOIN pg_am a ON a.oid = f.opfmethod
ORDER BY f.oid;
