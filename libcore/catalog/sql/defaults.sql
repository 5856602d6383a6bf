-- Defaults of columns, and expressions of generated ones: one row each.
SELECT d.oid,
       d.adrelid AS relation,
       d.adnum AS number,
       -- Only where columns are named does the server open the table.
       pg_get_expr(d.adbin, CASE WHEN strpos(d.adbin::text, '{VAR ') = 0 THEN 0 ELSE d.adrelid END)
           AS expression
FROM pg_attrdef d
WHERE d.adrelid >= 16384
ORDER BY d.adrelid, d.adnum;
