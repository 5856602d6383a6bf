-- Security labels: one row each; the database's own with its class.
SELECT l.classoid, l.objoid, l.objsubid, l.provider, l.label,
       (pg_identify_object(l.classoid, l.objoid, l.objsubid)).identity
FROM pg_seclabel l
UNION ALL
SELECT l.classoid, l.objoid, 0, l.provider, l.label, d.datname
FROM pg_shseclabel l
JOIN pg_database d ON l.classoid = 'pg_database'::regclass AND l.objoid = d.oid
                  AND d.datname = current_database()
ORDER BY provider;
