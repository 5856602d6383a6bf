-- ALTER ROLE ... SET in no database, as name=value: one row each; role: NULL for ALTER ROLE ALL.
SELECT r.rolname AS role,
       c.setting
FROM pg_db_role_setting s
LEFT JOIN pg_roles r ON r.oid = s.setrole
CROSS JOIN LATERAL unnest(s.setconfig) WITH ORDINALITY AS c(setting, position)
WHERE s.setdatabase = 0
ORDER BY 1, c.position;
