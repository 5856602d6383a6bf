-- What depends, as a part, on an object that an extension made (an index on its table, an operator
-- added to its family ...): class, OID, and whether a transaction that changed that extension made
-- it too. What a user added later would be lost with CREATE EXTENSION.
SELECT DISTINCT d.classid, d.objid,
       d.xmin::text IN (SELECT e2.xmin::text FROM pg_depend e2
                        WHERE e2.deptype = 'e' AND e2.refobjid = e.refobjid) AS by_extension
FROM pg_depend e
JOIN pg_depend d ON d.refclassid = e.classid AND d.refobjid = e.objid
WHERE e.deptype = 'e' AND d.deptype IN ('a', 'i', 'P', 'S')
  AND NOT EXISTS (SELECT FROM pg_depend m
                  WHERE m.classid = d.classid AND m.objid = d.objid AND m.deptype = 'e');
