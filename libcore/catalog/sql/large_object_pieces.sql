-- Rows (oid, start, bytes) of the large objects whose OIDs stand in the array, in pieces of 256 kB;
-- an empty object gives one empty piece, a hole gives zeros. Only a superuser may read pg_largeobject;
-- lo_get() asks for the object's own right instead. It is also the only function used: it depends on
-- nothing but its arguments. With descriptors (lo_open, lo_lseek64, lo_close) the planner may keep
-- the size that one number had for the next object that gets the same number, and cut it short.
WITH RECURSIVE piece(oid, start) AS (
    SELECT o.oid, 0::int8 FROM unnest('{}'::oid[]) AS o(oid)
    UNION ALL
    SELECT oid, start + 262144 FROM piece WHERE length(lo_get(oid, start + 262144, 1)) = 1
)
SELECT oid, start, lo_get(oid, start, 262144) AS bytes FROM piece
