-- Range types that users made: one row each, with the functions that make one where they are not
-- called as the type: renaming or moving the type leaves them as they are.
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
       (SELECT format('%I.%I', m_n.nspname, m.typname)
        FROM pg_type m JOIN pg_namespace m_n ON m_n.oid = m.typnamespace
        WHERE m.oid = r.rngmultitypid) AS multirange,
       m.made_names, m.arguments, m.schemas, m.names
FROM pg_range r
JOIN pg_type t ON t.oid = r.rngtypid
JOIN pg_type s ON s.oid = r.rngsubtype
JOIN pg_opclass o ON o.oid = r.rngsubopc
JOIN pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN LATERAL (
    SELECT array_agg(made.typname::text ORDER BY p.oid) AS made_names,
           array_agg(pg_get_function_identity_arguments(p.oid) ORDER BY p.oid) AS arguments,
           array_agg(p_n.nspname::text ORDER BY p.oid) AS schemas,
           array_agg(p.proname::text ORDER BY p.oid) AS names
    FROM pg_depend d
    JOIN pg_proc p ON p.oid = d.objid
    JOIN pg_namespace p_n ON p_n.oid = p.pronamespace
    JOIN pg_type made ON made.oid = d.refobjid
    WHERE d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_type'::regclass
      AND d.deptype = 'i' AND d.refobjid IN (r.rngtypid, r.rngmultitypid)
      AND (p.pronamespace <> t.typnamespace OR p.proname <> made.typname)) AS m ON true
WHERE t.oid >= 16384
  AND n.nspname !~ '^pg_(toast_)?temp_'
  AND NOT EXISTS (SELECT FROM pg_depend x
                  WHERE x.classid = 'pg_type'::regclass AND x.objid = t.oid AND x.deptype = 'e')
ORDER BY t.oid;
