-- Event triggers: one row each.
SELECT e.oid,
       NULL::text AS schema,
       e.evtname AS name,
       pg_get_userbyid(e.evtowner) AS owner,
       e.evtevent AS event,
       e.evttags AS tags,
       e.evtfoid::regproc::text AS function,
       e.evtenabled AS enabled
FROM pg_event_trigger e
WHERE e.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_depend x
                  WHERE x.classid = 'pg_event_trigger'::regclass AND x.objid = e.oid
                    AND x.deptype = 'e')
ORDER BY e.oid;
