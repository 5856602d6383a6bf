-- What no statement brings back as it stands: one row each. An extension that was dropped and is in every new database;
-- and functions that make ranges and are altered: a new type makes them as the built-in ones are made.
SELECT false AS is_function, '' AS schema, 'plpgsql' AS name
WHERE NOT EXISTS (SELECT FROM pg_extension x WHERE x.extname = 'plpgsql')
UNION
SELECT true, n.nspname::text, p.proname::text
FROM pg_depend d
JOIN pg_proc p ON p.oid = d.objid AND p.oid >= 16384
JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_proc b ON b.prosrc = p.prosrc AND b.pronargs = p.pronargs AND b.oid < 16384
WHERE d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_type'::regclass AND d.deptype = 'i'
  AND p.prosrc ~ '^(multi)?range_constructor[0-9]$'
  AND n.nspname !~ '^pg_(toast_)?temp_'
  AND (p.provolatile, p.proisstrict, p.procost, p.proparallel, p.proleakproof, p.prosecdef, p.prosupport,
       coalesce(p.proconfig, '{}'))
      <> (b.provolatile, b.proisstrict, b.procost, b.proparallel, b.proleakproof, b.prosecdef, b.prosupport, '{}')
  AND NOT EXISTS (SELECT FROM pg_depend x
                  WHERE x.classid = 'pg_proc'::regclass AND x.objid = p.oid AND x.deptype = 'e')
ORDER BY 1, 2, 3;
