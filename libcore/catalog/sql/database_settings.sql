-- ALTER DATABASE ... SET and ALTER ROLE ... IN DATABASE ... SET of the current database, as name=value:
-- one row each; role: NULL for the database's own.
SELECT CASE WHEN s.setrole <> 0 THEN pg_get_userbyid(s.setrole) END AS role,
       c.setting
FROM pg_db_role_setting s
JOIN pg_database d ON d.oid = s.setdatabase AND d.datname = current_database()
CROSS JOIN LATERAL unnest(s.setconfig) WITH ORDINALITY AS c(setting, position)
ORDER BY 1 NULLS FIRST, c.position;
