-- Sizes of tables that hold rows of their own: one row each; NULL if the table is gone. The server
-- opens each of them.
SELECT c.oid, pg_relation_size(c.oid, 'main') AS bytes,
       current_setting('block_size')::int AS block_size
FROM pg_class c
WHERE c.relkind = 'r' AND c.oid >= 16384 AND c.relpersistence <> 't'
ORDER BY c.oid;
