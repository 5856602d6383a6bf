-- Names for people of the catalog rows ($1: class OIDs, $2: row OIDs), in the order asked.
SELECT k.classid, k.objid, i.type, i.identity
FROM unnest($1::oid[], $2::oid[]) WITH ORDINALITY AS k(classid, objid, position)
LEFT JOIN LATERAL pg_identify_object(k.classid, k.objid, 0) AS i ON true
ORDER BY k.position;
