-- The settings of the database with OID $1 and of roles in it, and who may make them: any role, the
-- login role, the role whose setting it is. What pg_settings does not show is for superusers: a
-- placeholder such as app.tenant, or a parameter that only they may see; but for three that it
-- never shows.
SELECT coalesce(r.rolname, '') AS role,
       n.name,
       coalesce(p.context = 'user', n.name IN ('role', 'session_authorization', 'seed')) AS anybody,
       false AS login,
       false AS itself
  FROM pg_catalog.pg_db_role_setting s
  LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
 CROSS JOIN pg_catalog.unnest(s.setconfig) AS c(setting)
 CROSS JOIN pg_catalog.split_part(c.setting, '=', 1) AS n(name)
  LEFT JOIN pg_catalog.pg_settings p ON p.name = n.name
 WHERE s.setdatabase = $1::oid
 ORDER BY 1, 2
