-- ALTER DATABASE ... SET and ALTER ROLE ... IN DATABASE ... SET of the database with OID $1.
SELECT coalesce(r.rolname, '') AS role,
       pg_catalog.split_part(c.setting, '=', 1) AS name,
       pg_catalog.substr(c.setting, pg_catalog.strpos(c.setting, '=') + 1) AS value
  FROM pg_catalog.pg_db_role_setting s
  LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
 CROSS JOIN pg_catalog.unnest(s.setconfig) AS c(setting)
 WHERE s.setdatabase = $1::oid
