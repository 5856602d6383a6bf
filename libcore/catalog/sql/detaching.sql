-- Partitions whose DETACH CONCURRENTLY was interrupted (servers 14 and later): one row each.
SELECT n.nspname AS schema, c.relname AS name,
       (pg_identify_object('pg_class'::regclass, i.inhparent, 0)).identity AS parent
FROM pg_inherits i
JOIN pg_class c ON c.oid = i.inhrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE i.inhrelid >= 16384 AND (to_jsonb(i) ->> 'inhdetachpending')::boolean
ORDER BY 1, 2;
