-- Operator classes that an index takes for a type without being told: class, type, and that type's
-- own collation. The only one that a type borrows and that matters here is varchar's.
SELECT o.oid AS class, t.oid AS type, t.typcollation AS collation
FROM pg_opclass o
JOIN pg_type t ON t.oid = o.opcintype
               OR (t.oid = 'varchar'::regtype AND o.opcintype = 'text'::regtype
                   AND NOT EXISTS (SELECT FROM pg_opclass q
                                   WHERE q.opcmethod = o.opcmethod AND q.opcdefault
                                     AND q.opcintype = 'varchar'::regtype))
WHERE o.opcdefault AND o.oid < 16384 AND t.oid < 16384;
