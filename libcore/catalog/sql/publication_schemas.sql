-- Schemas that publications name: there are none before server 15.
SELECT 0::oid AS oid,
       NULL::text AS schema,
       NULL::text AS name,
       NULL::text AS owner,
       NULL::text AS publication,
       NULL::text AS published
WHERE false;
