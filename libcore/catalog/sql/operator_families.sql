-- Operator families that users made: one row each, with the members that hang on the family itself;
-- those that hang on a class are the class's. By pg_depend: the rows themselves do not say.
WITH member AS (
    SELECT d.refobjid AS holder, 1 AS sort, o.amopstrategy AS number, o.oid AS operator_row,
           NULL::oid AS function_row,
           'OPERATOR ' || o.amopstrategy || ' ' || o.amopopr::regoperator::text
               || coalesce((SELECT format(' FOR ORDER BY %I.%I', s_n.nspname, s.opfname)
                            FROM pg_opfamily s JOIN pg_namespace s_n ON s_n.oid = s.opfnamespace
                            WHERE s.oid = o.amopsortfamily), '') AS clause
    FROM pg_depend d
    JOIN pg_amop o ON d.classid = 'pg_amop'::regclass AND d.objid = o.oid
    WHERE d.refclassid = 'pg_opfamily'::regclass AND d.refobjid >= 16384
      AND d.deptype IN ('a', 'i')
    UNION ALL
    SELECT d.refobjid, 2, p.amprocnum, NULL, p.oid,
           format('FUNCTION %s (%s, %s) %s', p.amprocnum, format_type(p.amproclefttype, NULL),
                  format_type(p.amprocrighttype, NULL), p.amproc::regprocedure)
    FROM pg_depend d
    JOIN pg_amproc p ON d.classid = 'pg_amproc'::regclass AND d.objid = p.oid
    WHERE d.refclassid = 'pg_opfamily'::regclass AND d.refobjid >= 16384
      AND d.deptype IN ('a', 'i')
), members AS (
    SELECT holder,
           array_agg(clause ORDER BY sort, number, clause COLLATE "C") AS members,
           array_agg(operator_row) FILTER (WHERE operator_row IS NOT NULL) AS operator_rows,
           array_agg(function_row) FILTER (WHERE function_row IS NOT NULL) AS function_rows
    FROM member GROUP BY holder
)
SELECT f.oid,
       n.nspname AS schema,
       f.opfname AS name,
       pg_get_userbyid(f.opfowner) AS owner,
       m.amname AS access_method,
       s.members, s.operator_rows, s.function_rows
FROM pg_opfamily f
JOIN pg_namespace n ON n.oid = f.opfnamespace
JOIN pg_am m ON m.oid = f.opfmethod
LEFT JOIN members s ON s.holder = f.oid
WHERE f.oid >= 16384
  AND n.nspname !~ '^pg_(toast_)?temp_'
  AND NOT EXISTS (SELECT FROM pg_depend x
                  WHERE x.classid = 'pg_opfamily'::regclass AND x.objid = f.oid
                    AND x.deptype = 'e')
ORDER BY f.oid;
