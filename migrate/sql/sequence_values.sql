-- Where each sequence of this database stands; empty: it was never used, or this role may not see it.
SELECT s.schemaname AS schema,
       s.sequencename AS name,
       coalesce(s.last_value::text, '') AS last_value
  FROM pg_catalog.pg_sequences s
 ORDER BY 1, 2
