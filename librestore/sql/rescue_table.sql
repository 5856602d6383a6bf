-- Of the table $1, a quoted name: its columns that COPY can load, and those of its primary key, as
-- quoted lists. No row: there is no such table.
SELECT (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ',' ORDER BY a.attnum)
          FROM pg_catalog.pg_attribute a
         WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
           AND a.attgenerated = '') AS columns,
       coalesce((SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ','
                                              ORDER BY k.position)
                   FROM pg_catalog.pg_constraint p
                  CROSS JOIN LATERAL pg_catalog.unnest(p.conkey)
                        WITH ORDINALITY AS k(number, position)
                   JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number
                  WHERE p.conrelid = t.oid AND p.contype = 'p'), '') AS key
  FROM (SELECT pg_catalog.to_regclass($1)::oid AS oid) t
 WHERE t.oid IS NOT NULL
