-- What is tied to the database with OID $1 and would stay with it, or hold it, when its name moves
-- to another: one row each, with what it is and its name.
SELECT 'logical replication slot' AS kind, s.slot_name::text AS name
  FROM pg_catalog.pg_replication_slots s
 WHERE s.datoid = $1::oid AND NOT s.temporary
UNION ALL
SELECT 'subscription', s.subname::text
  FROM pg_catalog.pg_subscription s
 WHERE s.subdbid = $1::oid
UNION ALL
SELECT 'prepared transaction', p.gid
  FROM pg_catalog.pg_prepared_xacts p
  JOIN pg_catalog.pg_database d ON d.datname = p.database
 WHERE d.oid = $1::oid
UNION ALL
SELECT 'security label', l.provider
  FROM pg_catalog.pg_shseclabel l
 WHERE l.classoid = 'pg_catalog.pg_database'::pg_catalog.regclass AND l.objoid = $1::oid
 ORDER BY 1, 2
