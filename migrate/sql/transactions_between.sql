-- How the transactions ended that began or ended between two snapshots: $1 and $2 are what
-- pg_current_snapshot() said, $3 is how many may be asked for. One row; nothing is counted if there
-- are more.
WITH range AS (
  SELECT $1::pg_snapshot AS before,
         pg_catalog.pg_snapshot_xmin($1::pg_snapshot)::text::bigint AS first,
         pg_catalog.pg_snapshot_xmax($2::pg_snapshot)::text::bigint AS past
), asked AS (
  SELECT pg_catalog.pg_xact_status(x::text::xid8) AS status
    FROM range, pg_catalog.generate_series(first, past - 1) AS x
   WHERE past - first <= $3::bigint
     AND NOT pg_catalog.pg_visible_in_snapshot(x::text::xid8, before)
)
SELECT pg_catalog.count(*) FILTER (WHERE status = 'committed') AS committed,
       pg_catalog.count(*) FILTER (WHERE status = 'aborted') AS aborted,
       pg_catalog.count(*) FILTER (WHERE status = 'in progress') AS in_progress,
       pg_catalog.count(*) FILTER (WHERE status IS NULL) AS unknown,
       (SELECT past - first <= $3::bigint FROM range) AS complete
  FROM asked
