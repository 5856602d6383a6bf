-- Tables and partitioned tables of users: one row each, by OID. Those of extensions are not copied,
-- save configuration tables, and so need neither lock nor privilege.
SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.oid >= 16384 AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'pg_toast')
  AND c.oid NOT IN (SELECT x.objid FROM pg_depend x
                    WHERE x.refclassid = 'pg_extension'::regclass AND x.deptype = 'e'
                      AND x.classid = 'pg_class'::regclass
                      AND x.objid NOT IN (SELECT unnest(extconfig) FROM pg_extension
                                          WHERE extconfig IS NOT NULL))
ORDER BY c.oid;
