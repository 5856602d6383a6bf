-- Casts that users made: one row each. The cast from a range to its multirange comes with the range.
SELECT c.oid,
       NULL::text AS schema,
       '(' || format_type(c.castsource, NULL) || ' AS ' || format_type(c.casttarget, NULL) || ')'
           AS name,
       NULL::text AS owner,
       format_type(c.castsource, NULL) AS source,
       format_type(c.casttarget, NULL) AS target,
       c.castmethod AS method,
       c.castcontext AS context,
       CASE WHEN c.castfunc <> 0 THEN c.castfunc::regprocedure::text END AS function
FROM pg_cast c
WHERE c.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_depend x
                  WHERE x.classid = 'pg_cast'::regclass AND x.objid = c.oid
                    AND x.deptype IN ('e', 'i'))
ORDER BY c.oid;
