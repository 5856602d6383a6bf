-- A database of very many small tables: each with a serial primary key, a unique constraint, an
-- index, a check, a foreign key to the table before it, a comment and 20 rows.
-- psql -v tables=5000 -f bench/many.sql
\set ON_ERROR_STOP on
-- A transaction for every hundred tables: each one holds locks on all that it made.
CREATE PROCEDURE public.make_many(tables int) LANGUAGE plpgsql AS $make$
DECLARE
  i int;
  t text;
BEGIN
  FOR i IN 1..tables LOOP
    t := 'table_' || lpad(i::text, 6, '0');
    EXECUTE format($$
      CREATE TABLE public.%1$I (
          id bigserial PRIMARY KEY, code text NOT NULL, parent_id bigint, amount numeric(12, 2),
          created_at timestamptz DEFAULT now() NOT NULL, detail jsonb,
          CONSTRAINT %2$I UNIQUE (code), CONSTRAINT %3$I CHECK (amount >= 0));
      CREATE INDEX %4$I ON public.%1$I (created_at);
      COMMENT ON TABLE public.%1$I IS %5$L;
      INSERT INTO public.%1$I (code, amount) SELECT 'code ' || n, n FROM generate_series(1, 20) n$$,
      t, t || '_code_key', t || '_amount_check', t || '_created_at_idx', 'Table number ' || i);
    IF i > 1 THEN
      EXECUTE format('ALTER TABLE public.%I ADD CONSTRAINT %I FOREIGN KEY (parent_id) REFERENCES public.%I',
                     t, t || '_parent_id_fkey', 'table_' || lpad((i - 1)::text, 6, '0'));
    END IF;
    IF i % 100 = 0 THEN COMMIT; END IF;
  END LOOP;
END $make$;
CALL public.make_many(:tables);
DROP PROCEDURE public.make_many(int);
ANALYZE;
