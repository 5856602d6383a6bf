-- Text search configurations that users made: one row for each dictionary of each token type, at
-- least one for each configuration.
SELECT c.oid,
       n.nspname AS schema,
       c.cfgname AS name,
       pg_get_userbyid(c.cfgowner) AS owner,
       q.nspname AS parser_schema,
       p.prsname AS parser_name,
       k.alias AS token,
       e.nspname AS dictionary_schema,
       d.dictname AS dictionary_name
FROM pg_ts_config c
JOIN pg_namespace n ON n.oid = c.cfgnamespace
JOIN pg_ts_parser p ON p.oid = c.cfgparser
JOIN pg_namespace q ON q.oid = p.prsnamespace
LEFT JOIN pg_ts_config_map m ON m.mapcfg = c.oid
LEFT JOIN LATERAL ts_token_type(c.cfgparser) k ON k.tokid = m.maptokentype
LEFT JOIN pg_ts_dict d ON d.oid = m.mapdict
LEFT JOIN pg_namespace e ON e.oid = d.dictnamespace
WHERE c.oid >= 16384
  AND n.nspname !~ '^pg_(toast_)?temp_'
  AND NOT EXISTS (SELECT FROM pg_depend x
                  WHERE x.classid = 'pg_ts_config'::regclass AND x.objid = c.oid
                    AND x.deptype = 'e')
ORDER BY c.oid, m.maptokentype, m.mapseqno;
