-- What scripts of extensions made that is to be made otherwise, because users took it out of its extension: the number of
-- each in the order asked, the extension, what ALTER EXTENSION ... DROP and DROP call it, and whether others than these
-- need the routine. What stands behind others comes first. $1 extensions and $2 their versions; $3 kinds, $4 schemas, $5 names, as an archive spells them; arrays of one length.
WITH member AS (
    SELECT x.extname, d.classid, d.objid
      FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) AS made(name, version)
      JOIN pg_catalog.pg_extension x ON x.extname = made.name AND x.extversion = made.version
      JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
                                 AND d.refobjid = x.oid AND d.deptype = 'e'
), spelt AS (
    SELECT m.*, ARRAY['function', 'procedure', 'aggregate'] AS kinds, p.pronamespace AS namespace,
           p.proname || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')' AS name,
           'ROUTINE ' || p.oid::pg_catalog.regprocedure AS target
      FROM member m JOIN pg_catalog.pg_proc p ON p.oid = m.objid
     WHERE m.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
    UNION ALL
    SELECT m.*, ARRAY['table', 'foreign table', 'view', 'materialized view', 'sequence'], c.relnamespace, c.relname,
           CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE'
                          WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END || pg_catalog.format(' %I.%I', n.nspname, c.relname)
      FROM member m JOIN pg_catalog.pg_class c ON c.oid = m.objid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE m.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
    UNION ALL
    SELECT m.*, ARRAY['enum', 'domain', 'composite type', 'range type', 'base type', 'shell type'], t.typnamespace,
           t.typname, pg_catalog.format('TYPE %I.%I', n.nspname, t.typname)
      FROM member m JOIN pg_catalog.pg_type t ON t.oid = m.objid
      JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
     WHERE m.classid = 'pg_catalog.pg_type'::pg_catalog.regclass
    UNION ALL
    SELECT m.*, ARRAY['operator'], o.oprnamespace, o.oprname || '(' || k.operands || ')',
           pg_catalog.format('OPERATOR %I.%s (%s)', n.nspname, o.oprname, k.operands)
      FROM member m JOIN pg_catalog.pg_operator o ON o.oid = m.objid
      JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
     CROSS JOIN LATERAL (
           SELECT CASE WHEN o.oprleft = 0 THEN 'NONE' ELSE pg_catalog.format_type(o.oprleft, NULL) END || ', ' ||
                  CASE WHEN o.oprright = 0 THEN 'NONE' ELSE pg_catalog.format_type(o.oprright, NULL) END AS operands) AS k
     WHERE m.classid = 'pg_catalog.pg_operator'::pg_catalog.regclass
    UNION ALL
    SELECT m.*, ARRAY['operator class'], o.opcnamespace, pg_catalog.format('%s using %I', o.opcname, a.amname),
           pg_catalog.format('OPERATOR CLASS %I.%I USING %I', n.nspname, o.opcname, a.amname)
      FROM member m JOIN pg_catalog.pg_opclass o ON o.oid = m.objid
      JOIN pg_catalog.pg_namespace n ON n.oid = o.opcnamespace
      JOIN pg_catalog.pg_am a ON a.oid = o.opcmethod
     WHERE m.classid = 'pg_catalog.pg_opclass'::pg_catalog.regclass
    UNION ALL
    SELECT m.*, ARRAY['operator family'], o.opfnamespace, pg_catalog.format('%s using %I', o.opfname, a.amname),
           pg_catalog.format('OPERATOR FAMILY %I.%I USING %I', n.nspname, o.opfname, a.amname)
      FROM member m JOIN pg_catalog.pg_opfamily o ON o.oid = m.objid
      JOIN pg_catalog.pg_namespace n ON n.oid = o.opfnamespace
      JOIN pg_catalog.pg_am a ON a.oid = o.opfmethod
     WHERE m.classid = 'pg_catalog.pg_opfamily'::pg_catalog.regclass
    UNION ALL
    SELECT m.*, ARRAY['cast'], NULL, k.name, 'CAST ' || k.name
      FROM member m JOIN pg_catalog.pg_cast c ON c.oid = m.objid
     CROSS JOIN LATERAL (SELECT pg_catalog.format('(%s AS %s)', pg_catalog.format_type(c.castsource, NULL),
                                                  pg_catalog.format_type(c.casttarget, NULL)) AS name) AS k
     WHERE m.classid = 'pg_catalog.pg_cast'::pg_catalog.regclass
    UNION ALL
    SELECT m.*, ARRAY['transform'], NULL, k.name, 'TRANSFORM ' || k.name
      FROM member m JOIN pg_catalog.pg_transform t ON t.oid = m.objid
      JOIN pg_catalog.pg_language l ON l.oid = t.trflang
     CROSS JOIN LATERAL (SELECT pg_catalog.format('FOR %s LANGUAGE %I', pg_catalog.format_type(t.trftype, NULL),
                                                  l.lanname) AS name) AS k
     WHERE m.classid = 'pg_catalog.pg_transform'::pg_catalog.regclass
    UNION ALL  -- The rest is called alike by everybody: by kind, schema and name.
    SELECT m.*, ARRAY[k.kind], s.oid, i.object_names[k.depth],
           k.word || CASE k.depth WHEN 1 THEN pg_catalog.format(' %I', i.object_names[1])
                                  ELSE pg_catalog.format(' %I.%I', i.object_names[1], i.object_names[2]) END
      FROM member m
     CROSS JOIN LATERAL pg_catalog.pg_identify_object_as_address(m.classid, m.objid, 0) AS i
      JOIN (VALUES ('collation', 'collation', 'COLLATION', 2), ('conversion', 'conversion', 'CONVERSION', 2),
                   ('statistics object', 'statistics object', 'STATISTICS', 2),
                   ('text search parser', 'text search parser', 'TEXT SEARCH PARSER', 2),
                   ('text search template', 'text search template', 'TEXT SEARCH TEMPLATE', 2),
                   ('text search dictionary', 'text search dictionary', 'TEXT SEARCH DICTIONARY', 2),
                   ('text search configuration', 'text search configuration', 'TEXT SEARCH CONFIGURATION', 2),
                   ('language', 'language', 'LANGUAGE', 1), ('access method', 'access method', 'ACCESS METHOD', 1),
                   ('foreign-data wrapper', 'foreign-data wrapper', 'FOREIGN DATA WRAPPER', 1),
                   ('server', 'foreign server', 'SERVER', 1), ('event trigger', 'event trigger', 'EVENT TRIGGER', 1))
           AS k(type, kind, word, depth) ON k.type = i.type
      LEFT JOIN pg_catalog.pg_namespace s ON k.depth = 2 AND s.nspname = i.object_names[1]
), freed AS (
    SELECT s.*, w.number
      FROM ROWS FROM (pg_catalog.unnest($3::text[]), pg_catalog.unnest($4::text[]), pg_catalog.unnest($5::text[]))
           WITH ORDINALITY AS w(kind, schema, name, number)
      LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema
      JOIN spelt s ON w.kind = ANY (s.kinds) AND s.name = w.name AND s.namespace IS NOT DISTINCT FROM n.oid
)
SELECT f.number, f.extname AS extension, f.target,
       f.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
           AND EXISTS (SELECT FROM pg_catalog.pg_depend d
                        WHERE d.refclassid = f.classid AND d.refobjid = f.objid AND d.deptype = 'n'
                          AND (d.classid, d.objid) NOT IN (SELECT o.classid, o.objid FROM freed o)) AS needed
  FROM freed f
 ORDER BY f.number DESC
