-- How many characters the column version_num of $1, a quoted name, can hold, if its type limits them.
SELECT CASE WHEN a.atttypid IN ('pg_catalog.varchar'::pg_catalog.regtype,
                                'pg_catalog.bpchar'::pg_catalog.regtype) AND a.atttypmod > 4
            THEN a.atttypmod - 4 END AS characters
  FROM pg_catalog.pg_attribute a
 WHERE a.attrelid = $1::pg_catalog.regclass
   AND a.attname = 'version_num'
   AND NOT a.attisdropped
