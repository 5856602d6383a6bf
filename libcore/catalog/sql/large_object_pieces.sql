-- Rows (oid, start, bytes) of the large objects whose OIDs stand in the array, in pieces of 256 kB;
-- an empty object gives one empty piece, a hole gives zeros. Only a superuser may read pg_largeobject;
-- these functions ask for the object's own right instead. Each descriptor (262144: for reading) is
-- closed as soon as the size is known: OFFSET 0 keeps the steps apart, and closing depends on the
-- size, so that it comes after it.
SELECT o.oid, p.start, lo_get(o.oid, p.start, 262144) AS bytes
FROM unnest('{}'::oid[]) AS o(oid),
     LATERAL (SELECT lo_open(o.oid, 262144) AS descriptor OFFSET 0) d,
     LATERAL (SELECT lo_lseek64(d.descriptor, 0, 2) AS size OFFSET 0) s,
     LATERAL (SELECT lo_close(CASE WHEN s.size >= 0 THEN d.descriptor END) AS closed OFFSET 0) c,
     LATERAL generate_series(0::int8, greatest(s.size - 1, 0), 262144) AS p(start)
WHERE c.closed = 0
