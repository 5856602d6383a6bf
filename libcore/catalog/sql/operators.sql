-- Operators that users made: one row each. Shells, which only a commutator or negator names, are left
-- out: it makes them again.
SELECT o.oid,
       n.nspname AS schema,
       o.oprname AS name,
       pg_get_userbyid(o.oprowner) AS owner,
       CASE WHEN o.oprleft <> 0 THEN format_type(o.oprleft, NULL) END AS left_type,
       CASE WHEN o.oprright <> 0 THEN format_type(o.oprright, NULL) END AS right_type,
       o.oprcode::regproc::text AS function,
       CASE WHEN o.oprrest <> 0 THEN o.oprrest::regproc::text END AS restrict,
       CASE WHEN o.oprjoin <> 0 THEN o.oprjoin::regproc::text END AS join,
       (SELECT format('OPERATOR(%I.%s)', c_n.nspname, c.oprname)
        FROM pg_operator c JOIN pg_namespace c_n ON c_n.oid = c.oprnamespace
        WHERE c.oid = o.oprcom) AS commutator,
       (SELECT format('OPERATOR(%I.%s)', g_n.nspname, g.oprname)
        FROM pg_operator g JOIN pg_namespace g_n ON g_n.oid = g.oprnamespace
        WHERE g.oid = o.oprnegate) AS negator,
       o.oprcom AS commutator_oid,
       o.oprnegate AS negator_oid,
       o.oprcanmerge AS merges,
       o.oprcanhash AS hashes
FROM pg_operator o
JOIN pg_namespace n ON n.oid = o.oprnamespace
WHERE o.oid >= 16384 AND o.oprcode <> 0
  AND n.nspname !~ '^pg_(toast_)?temp_'
  AND NOT EXISTS (SELECT FROM pg_depend x
                  WHERE x.classid = 'pg_operator'::regclass AND x.objid = o.oid
                    AND x.deptype = 'e')
ORDER BY o.oid;
