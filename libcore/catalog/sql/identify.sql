-- Names for people of the catalog rows ($1: class OIDs, $2: row OIDs), in the order asked.
SELECT k.classid, k.objid, i.type, i.identity
FROM unnest($1::oid[], $2::oid[]) WITH ORDINALITY AS k(classid, objid, position)
-- The server has no names for labels of enum types.
LEFT JOIN pg_enum e ON k.classid = 'pg_enum'::regclass AND e.oid = k.objid
LEFT JOIN LATERAL pg_identify_object(
    CASE WHEN e.oid IS NULL THEN k.classid ELSE 'pg_type'::regclass::oid END,
    CASE WHEN e.oid IS NULL THEN k.objid ELSE e.enumtypid END, 0) AS i ON true
ORDER BY k.position;
