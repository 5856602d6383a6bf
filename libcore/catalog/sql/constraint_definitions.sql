-- Definitions of the constraints ($1: OIDs), in the order asked.
SELECT k.oid, pg_get_constraintdef(k.oid) AS definition
FROM unnest($1::oid[]) WITH ORDINALITY AS k(oid, position)
ORDER BY k.position;
