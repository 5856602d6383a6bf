-- Subscriptions of this database: one row each. Asked only by who may read connection strings.
SELECT s.oid,
       NULL::text AS schema,
       s.subname AS name,
       pg_get_userbyid(s.subowner) AS owner,
       s.subconninfo AS connection,
       s.subslotname AS slot,
       s.subsynccommit AS synchronous_commit,
       s.subpublications AS publications,
       coalesce((j.fields ->> 'subbinary')::boolean, false) AS binary,
       -- A boolean up to server 15, a letter from 16 on.
       CASE j.fields ->> 'substream' WHEN 'true' THEN 't' WHEN 'false' THEN 'f'
            ELSE coalesce(j.fields ->> 'substream', 'f') END AS streaming,
       coalesce(j.fields ->> 'subtwophasestate', 'd') AS two_phase,
       coalesce((j.fields ->> 'subdisableonerr')::boolean, false) AS disable_on_error,
       coalesce((j.fields ->> 'subpasswordrequired')::boolean, true) AS password_required,
       coalesce((j.fields ->> 'subrunasowner')::boolean, false) AS run_as_owner,
       coalesce((j.fields ->> 'subfailover')::boolean, false) AS failover,
       coalesce(j.fields ->> 'suborigin', 'any') AS origin
FROM pg_subscription s
CROSS JOIN LATERAL to_jsonb(s) AS j(fields)
WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
ORDER BY s.oid;
