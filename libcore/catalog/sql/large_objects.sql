-- Large objects: one row each, whatever the OID (users choose it).
SELECT m.oid, pg_get_userbyid(m.lomowner) AS owner
FROM pg_largeobject_metadata m
ORDER BY m.oid;
