CREATE TEMPORARY TABLE belay_large_object_pieces (id oid, start bigint, bytes bytea)
