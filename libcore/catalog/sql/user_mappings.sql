-- User mappings: one row each; options as name=value. Whom the server does not show them to sees NULL,
-- as if there were none: `readable` is the condition under which it shows them.
SELECT m.umid AS oid,
       NULL::text AS schema,
       CASE WHEN m.umuser = 0 THEN 'public' ELSE pg_get_userbyid(m.umuser) END || ' on ' || m.srvname
           AS name,
       NULL::text AS owner,
       CASE WHEN m.umuser <> 0 THEN pg_get_userbyid(m.umuser) END AS role,
       m.srvname AS server,
       m.umoptions AS options,
       (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
           OR (m.umuser <> 0 AND pg_get_userbyid(m.umuser) = current_user
               AND (pg_has_role(s.srvowner, 'USAGE') OR has_server_privilege(m.srvid, 'USAGE')))
           OR (m.umuser = 0 AND pg_has_role(s.srvowner, 'USAGE')) AS readable
FROM pg_user_mappings m
JOIN pg_foreign_server s ON s.oid = m.srvid
WHERE m.umid >= 16384
  AND NOT EXISTS (SELECT FROM pg_depend x
                  WHERE x.classid = 'pg_user_mapping'::regclass AND x.objid = m.umid
                    AND x.deptype = 'e')
ORDER BY m.umid;
