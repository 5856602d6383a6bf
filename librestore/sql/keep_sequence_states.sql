-- Forgets all but these. $1 schemas, $2 names, as arrays of one length.
DELETE FROM pg_temp.belay_sequence_states s
 WHERE NOT EXISTS (SELECT
                     FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[]))
                          AS kept(schema, name)
                    WHERE kept.schema = s.schema AND kept.name = s.name)
