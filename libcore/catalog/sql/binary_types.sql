-- Types whose binary COPY form is stable and holds no OID from 16384 up: one row each (oid).
-- Built-in scalars and ranges by name, enums (their label travels), arrays of built-in elements
-- (the header carries the element's OID), and domains over any of these. Everything else travels
-- as text: reg* types are names, composites and arrays of user types carry OIDs of this database,
-- and extensions may change their binary forms.
WITH RECURSIVE safe AS (
    SELECT t.oid
      FROM pg_catalog.pg_type t
     WHERE t.typtype = 'e'
        OR (t.oid < 16384
            AND t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
            AND t.typname IN (
                'bool', 'bytea', 'char', 'name', 'int2', 'int4', 'int8', 'oid', 'text', 'bpchar',
                'varchar', 'float4', 'float8', 'numeric', 'money', 'date', 'time', 'timetz',
                'timestamp', 'timestamptz', 'interval', 'uuid', 'json', 'jsonb', 'bit', 'varbit',
                'inet', 'cidr', 'macaddr', 'macaddr8', 'point', 'lseg', 'path', 'box', 'polygon',
                'line', 'circle', 'tsvector', 'tsquery', 'pg_lsn',
                'int4range', 'int8range', 'numrange', 'tsrange', 'tstzrange', 'daterange',
                'int4multirange', 'int8multirange', 'nummultirange', 'tsmultirange',
                'tstzmultirange', 'datemultirange'))
    UNION
    SELECT t.oid
      FROM pg_catalog.pg_type t
      JOIN safe ON (t.typtype = 'd' AND t.typbasetype = safe.oid)
                OR (t.oid < 16384 AND t.typcategory = 'A' AND t.typelem = safe.oid)
)
SELECT oid FROM safe ORDER BY oid
