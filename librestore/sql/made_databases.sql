-- Databases whose names say that belay made them, with the sessions in them. Without
-- pg_read_all_stats the application name of other roles' sessions is NULL: they count as others'.
SELECT d.datname AS name,
       d.oid,
       pg_catalog.shobj_description(d.oid, 'pg_database') AS comment,
       d.datconnlimit AS connection_limit,
       d.datallowconn AS allows_connections,
       d.xmin AS row_version,
       count(a.pid) FILTER (WHERE a.application_name IS NULL
                               OR NOT pg_catalog.starts_with(a.application_name, 'belay'))
         AS sessions_of_others
  FROM pg_catalog.pg_database d
       LEFT JOIN pg_catalog.pg_stat_activity a
              ON a.datid = d.oid AND a.backend_type = 'client backend'
 WHERE d.datname ~ '__belay_[a-z]+_[0-9a-f]{8}$'
 GROUP BY d.oid, d.datname, d.datconnlimit, d.datallowconn, d.xmin
 ORDER BY d.datname
