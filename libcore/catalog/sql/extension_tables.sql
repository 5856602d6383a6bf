-- Tables and views of extensions: one row each, with the extension's own condition for rows of a
-- configuration table that are not its own (it begins with WHERE, or is empty). altered: numbers of
-- columns that no script of the extension left as they are; row security only where the table was
-- altered behind its scripts.
WITH script AS (  -- transactions in which scripts of extensions ran, and the last command that made a member
    SELECT e.refobjid AS extension, e.xmin::text AS xid, max(e.cmin::text::bigint) AS last
    FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
    GROUP BY 1, 2
    UNION ALL  -- An update that made none.
    SELECT x.oid, x.xmin::text, 4294967295
    FROM pg_extension x
    WHERE NOT EXISTS (SELECT FROM pg_depend e
                      WHERE e.refclassid = 'pg_extension'::regclass AND e.refobjid = x.oid
                        AND e.deptype = 'e' AND e.xmin::text = x.xmin::text)
), member AS (
    SELECT e.refobjid AS extension, c.oid, c.relkind, c.relname, c.relnamespace,
           c.relrowsecurity, c.relforcerowsecurity,
           NOT EXISTS (SELECT FROM script s
                       WHERE s.extension = e.refobjid AND s.xid = c.xmin::text
                         AND c.cmin::text::bigint <= s.last) AS altered
    FROM pg_depend e JOIN pg_class c ON c.oid = e.objid
    WHERE e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
      AND e.classid = 'pg_class'::regclass AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND c.oid >= 16384
)
SELECT m.oid,
       n.nspname AS schema,
       m.relname AS name,
       NULL AS owner,
       x.extname AS extension,
       m.relkind = 'p' AS is_partitioned,
       m.relkind = 'r' AND k.condition IS NOT NULL AS configuration,
       CASE WHEN m.relkind = 'r' THEN k.condition END AS condition,
       m.altered AND m.relrowsecurity AS row_security,
       m.altered AND m.relforcerowsecurity AS force_row_security,
       ARRAY(SELECT a.attnum FROM pg_attribute a
             WHERE a.attrelid = m.oid AND a.attnum > 0 AND NOT a.attisdropped
               AND m.relkind IN ('r', 'p', 'f')
               AND NOT EXISTS (SELECT FROM script s
                               WHERE s.extension = m.extension AND s.xid = a.xmin::text
                                 AND a.cmin::text::bigint <= s.last)
             ORDER BY a.attnum) AS altered
FROM member m
JOIN pg_extension x ON x.oid = m.extension
JOIN pg_namespace n ON n.oid = m.relnamespace
LEFT JOIN LATERAL (
    SELECT coalesce(u.condition, '') AS condition
    FROM ROWS FROM (unnest(x.extconfig), unnest(x.extcondition)) AS u(oid, condition)
    WHERE u.oid = m.oid) AS k ON true
ORDER BY m.oid;
