-- What operator families hold already: of each family asked for, its number in the order asked, and each member as ALTER OPERATOR
-- FAMILY ... ADD spells it. $1 schemas, $2 names, as an archive spells them; arrays of one length.
WITH family AS (
    SELECT w.number, f.oid
      FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[]))
           WITH ORDINALITY AS w(schema, name, number)
      JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema
      JOIN pg_catalog.pg_opfamily f ON f.opfnamespace = n.oid
      JOIN pg_catalog.pg_am a ON a.oid = f.opfmethod
     WHERE pg_catalog.format('%s using %I', f.opfname, a.amname) = w.name
)
SELECT f.number, 'OPERATOR ' || o.amopstrategy || ' ' || o.amopopr::pg_catalog.regoperator::text
           || coalesce((SELECT pg_catalog.format(' FOR ORDER BY %I.%I', s_n.nspname, s.opfname)
                        FROM pg_catalog.pg_opfamily s JOIN pg_catalog.pg_namespace s_n ON s_n.oid = s.opfnamespace
                        WHERE s.oid = o.amopsortfamily), '') AS member
  FROM family f JOIN pg_catalog.pg_amop o ON o.amopfamily = f.oid
 UNION ALL
SELECT f.number, pg_catalog.format('FUNCTION %s (%s, %s) %s', p.amprocnum, pg_catalog.format_type(p.amproclefttype, NULL),
                                   pg_catalog.format_type(p.amprocrighttype, NULL), p.amproc::pg_catalog.regprocedure)
  FROM family f JOIN pg_catalog.pg_amproc p ON p.amprocfamily = f.oid
