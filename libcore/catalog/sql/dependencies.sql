-- Every dependency that touches a user object, columns ignored: pairs of objects, those of the same
-- catalogs and type in one row. A pair may come more than once. What enforces a constraint is left
-- out: nothing depends on it, and implied.sql has it.
SELECT d.classid, d.refclassid, d.deptype,
       array_agg(d.objid) AS objids, array_agg(d.refobjid) AS refobjids
FROM pg_depend d
WHERE (d.objid >= 16384 OR d.refobjid >= 16384)
  AND NOT (d.classid = 'pg_trigger'::regclass AND d.refclassid = 'pg_constraint'::regclass
           AND d.deptype = 'i')
GROUP BY d.classid, d.refclassid, d.deptype;
