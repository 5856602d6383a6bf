-- Every dependency that touches a user object: pairs of objects, columns ignored; a pair may come
-- more than once.
SELECT d.classid, d.objid, d.refclassid, d.refobjid, d.deptype
FROM pg_depend d
WHERE d.objid >= 16384 OR d.refobjid >= 16384;
