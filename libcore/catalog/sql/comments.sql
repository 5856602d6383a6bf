-- Comments on user objects, large objects and schema public: one row each.
SELECT d.classoid, d.objoid, d.objsubid, d.description
FROM pg_description d
WHERE d.objoid >= 16384
   OR d.classoid = 'pg_largeobject'::regclass
   OR (d.classoid = 'pg_namespace'::regclass AND d.objoid = 2200);
