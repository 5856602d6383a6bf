-- Which parts of extensions' tables are there already. $1 sorts, $2 schemas, $3 tables, $4 names, as arrays of
-- one length.
SELECT CASE wanted.sort
           WHEN 'index' THEN EXISTS (SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
                                     WHERE i.indrelid = c.oid AND x.relname = wanted.name)
           WHEN 'trigger' THEN EXISTS (SELECT FROM pg_catalog.pg_trigger t
                                       WHERE t.tgrelid = c.oid AND t.tgname = wanted.name)
           WHEN 'rule' THEN EXISTS (SELECT FROM pg_catalog.pg_rewrite r
                                    WHERE r.ev_class = c.oid AND r.rulename = wanted.name)
           WHEN 'policy' THEN EXISTS (SELECT FROM pg_catalog.pg_policy p
                                      WHERE p.polrelid = c.oid AND p.polname = wanted.name)
           ELSE EXISTS (SELECT FROM pg_catalog.pg_constraint k
                        WHERE k.conrelid = c.oid AND k.conname = wanted.name)
       END AS made
  FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[]),
                  pg_catalog.unnest($3::text[]), pg_catalog.unnest($4::text[]))
       WITH ORDINALITY AS wanted(sort, schema, relation, name, n)
  LEFT JOIN pg_catalog.pg_namespace s ON s.nspname = wanted.schema
  LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = s.oid AND c.relname = wanted.relation
 ORDER BY wanted.n
