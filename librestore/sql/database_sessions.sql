-- The sessions in the database with OID $1 that somebody would have to end, by role. The server
-- ends workers of autovacuum itself; they have no role.
SELECT a.usename::text AS role, pg_catalog.count(*) AS sessions
  FROM pg_catalog.pg_stat_activity a
 WHERE a.datid = $1::oid AND a.usesysid IS NOT NULL
 GROUP BY 1
 ORDER BY 1
