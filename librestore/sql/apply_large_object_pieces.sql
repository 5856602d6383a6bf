SELECT pg_catalog.lo_put(id, start, bytes)
  FROM pg_temp.belay_large_object_pieces
 ORDER BY id, start
