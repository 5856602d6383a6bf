-- Procedural languages that users made: one row each.
SELECT l.oid,
       NULL::text AS schema,
       l.lanname AS name,
       pg_get_userbyid(l.lanowner) AS owner,
       l.lanpltrusted AS trusted,
       CASE WHEN l.lanplcallfoid <> 0 THEN l.lanplcallfoid::regproc::text END AS handler,
       CASE WHEN l.laninline <> 0 THEN l.laninline::regproc::text END AS inline,
       CASE WHEN l.lanvalidator <> 0 THEN l.lanvalidator::regproc::text END AS validator
FROM pg_language l
WHERE l.oid >= 16384 AND l.lanispl
  AND NOT EXISTS (SELECT FROM pg_depend x
                  WHERE x.classid = 'pg_language'::regclass AND x.objid = l.oid
                    AND x.deptype = 'e')
ORDER BY l.oid;
