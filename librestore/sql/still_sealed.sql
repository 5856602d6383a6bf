-- One row if database $1 still is the sealed copy with OID $2 that was made on server $4. Every
-- ALTER DATABASE makes another version of its row, so $3 says that nobody was let in for a while.
SELECT d.oid
  FROM pg_catalog.pg_database d,
       pg_catalog.pg_control_system() s
 WHERE d.datname = $1
   AND d.oid = $2::oid
   AND d.xmin = $3::xid
   AND s.system_identifier::text = $4
   AND NOT d.datallowconn
