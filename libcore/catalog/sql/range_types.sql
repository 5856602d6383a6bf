-- Range types that users made: one row each.
SELECT t.oid,
       n.nspname AS schema,
       t.typname AS name,
       pg_get_userbyid(t.typowner) AS owner,
       format_type(r.rngsubtype, NULL) AS subtype,
       CASE WHEN NOT o.opcdefault
            THEN (SELECT format('%I.%I', o_n.nspname, o.opcname)
                  FROM pg_namespace o_n WHERE o_n.oid = o.opcnamespace) END AS operator_class,
       CASE WHEN r.rngcollation <> s.typcollation
            THEN (SELECT format('%I.%I', c_n.nspname, c.collname)
                  FROM pg_collation c JOIN pg_namespace c_n ON c_n.oid = c.collnamespace
                  WHERE c.oid = r.rngcollation) END AS collation,
       CASE WHEN r.rngcanonical <> 0 THEN r.rngcanonical::regproc::text END AS canonical,
       CASE WHEN r.rngsubdiff <> 0 THEN r.rngsubdiff::regproc::text END AS subtype_diff,
       NULL::text AS multirange
FROM pg_range r
JOIN pg_type t ON t.oid = r.rngtypid
JOIN pg_type s ON s.oid = r.rngsubtype
JOIN pg_opclass o ON o.oid = r.rngsubopc
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.oid >= 16384
  AND n.nspname !~ '^pg_(toast_)?temp_'
  AND NOT EXISTS (SELECT FROM pg_depend x
                  WHERE x.classid = 'pg_type'::regclass AND x.objid = t.oid AND x.deptype = 'e')
ORDER BY t.oid;
