-- Values go through input functions and checks, which may be code of users: the owners take in what
-- they may. What remains is for the login role.
UPDATE pg_temp.belay_planner_statistics s
   SET role = r.rolname
  FROM pg_catalog.pg_namespace n
  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid
  LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
  JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
 WHERE n.nspname = s.schema AND c.relname = s.relation AND r.rolname <> current_user
   AND pg_catalog.has_schema_privilege(r.oid, n.oid, 'USAGE')
   AND pg_catalog.has_table_privilege(r.oid, coalesce(i.indrelid, c.oid), 'MAINTAIN')
