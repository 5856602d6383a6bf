-- What the server has counted of this database: rows written to tables (and large objects, which are
-- rows of pg_largeobject), the files that hold tables, and the states of sequences. Sequences that the
-- role may not read are left out.
SELECT coalesce(pg_catalog.sum(pg_catalog.pg_stat_get_tuples_inserted(c.oid)), 0)::bigint AS inserted,
       coalesce(pg_catalog.sum(pg_catalog.pg_stat_get_tuples_updated(c.oid)), 0)::bigint AS updated,
       coalesce(pg_catalog.sum(pg_catalog.pg_stat_get_tuples_deleted(c.oid)), 0)::bigint AS deleted,
       pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
           coalesce(pg_catalog.string_agg(
               pg_catalog.concat_ws(':', c.oid, pg_catalog.pg_relation_filenode(c.oid)), ','
               ORDER BY c.oid), ''), 'UTF8')), 'hex') AS files,
       (SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
                   coalesce(pg_catalog.string_agg(
                       pg_catalog.concat_ws(':', s.oid, pg_catalog.pg_sequence_last_value(s.oid)), ','
                       ORDER BY s.oid), ''), 'UTF8')), 'hex')
          FROM pg_catalog.pg_class s
         WHERE CASE WHEN s.relkind = 'S' AND s.relpersistence = 'p'
                    THEN pg_catalog.has_sequence_privilege(s.oid, 'USAGE, SELECT') END) AS sequences,
       (SELECT coalesce(d.stats_reset::text, 'never') FROM pg_catalog.pg_stat_database d
         WHERE d.datname = pg_catalog.current_database()) AS stats_reset
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.oid = 'pg_catalog.pg_largeobject'::pg_catalog.regclass
    OR (c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
        AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')
