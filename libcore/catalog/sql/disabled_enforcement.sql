-- Tables on which triggers that enforce foreign keys and deferrable keys are not as the server makes
-- them (ALTER TABLE ... DISABLE TRIGGER ALL): one row each.
SELECT n.nspname AS schema, c.relname AS name
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relpersistence <> 't'
  AND EXISTS (SELECT FROM pg_trigger g
              JOIN pg_constraint k ON k.oid = g.tgconstraint AND k.contype <> 't'
              WHERE g.tgrelid = c.oid AND g.tgisinternal AND g.tgenabled <> 'O' AND g.oid >= 16384)
ORDER BY 1, 2;
