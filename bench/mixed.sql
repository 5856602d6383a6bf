-- A database of a music service: wide, narrow and many rows. At scale 1 it has 1.4 GB of tables and
-- 9 indexes. The rows are made from their numbers, so that every run has the same.
-- psql -v scale=0.1 -f bench/mixed.sql
\set ON_ERROR_STOP on
SELECT (300000 * :scale)::int AS users, (800000 * :scale)::int AS songs,
       (5000000 * :scale)::int AS events \gset

CREATE TABLE public.users (
    id uuid NOT NULL, email text NOT NULL, created_at timestamptz NOT NULL, settings jsonb,
    balance numeric(12, 2) NOT NULL
);
INSERT INTO public.users
SELECT md5('u' || i)::uuid, 'user' || i || '@example.org',
       '2024-01-01 00:00+00'::timestamptz + i * interval '97 seconds',
       jsonb_build_object('theme', (ARRAY['dark', 'light', 'system'])[i % 3 + 1], 'volume', i % 101,
                          'tags', jsonb_build_array('a' || i % 17, 'b' || i % 23)),
       (i % 1000000) / 100.0
FROM generate_series(1, :users) i;

CREATE TABLE public.songs (
    id uuid NOT NULL, user_id uuid NOT NULL, title text NOT NULL, lyrics text, tags text[],
    created_at timestamp NOT NULL, updated_at timestamp, duration float8, metadata jsonb
);
INSERT INTO public.songs
SELECT md5('s' || i)::uuid, md5('u' || (i % :users + 1))::uuid, 'Song number ' || i,
       repeat('la ' || md5('l' || i) || ' ', 8),
       ARRAY['genre' || i % 40, 'mood' || i % 12, 'key' || i % 24],
       '2024-01-01'::timestamp + i * interval '37 seconds',
       '2025-01-01'::timestamp + i * interval '11 seconds', (hashint4(i) % 600000) / 1000.0,
       jsonb_build_object('bpm', 60 + i % 140, 'model', 'v' || i % 5, 'seed', hashint4(i))
FROM generate_series(1, :songs) i;

CREATE TABLE public.events (
    id bigserial, user_id uuid NOT NULL, song_id uuid NOT NULL, kind text NOT NULL,
    at timestamptz NOT NULL, position float8, cost numeric(10, 4), detail jsonb
);
INSERT INTO public.events (user_id, song_id, kind, at, position, cost, detail)
SELECT md5('u' || (i % :users + 1))::uuid, md5('s' || (i % :songs + 1))::uuid,
       (ARRAY['play', 'pause', 'skip', 'like', 'share'])[i % 5 + 1],
       '2025-01-01 00:00+00'::timestamptz + i * interval '7 seconds',
       (hashint4(i) % 1000000) / 1000.0, (i % 100000) / 10000.0,
       jsonb_build_object('client', 'c' || i % 9, 'n', i)
FROM generate_series(1, :events) i;

ALTER TABLE public.users ADD PRIMARY KEY (id), ADD UNIQUE (email);
ALTER TABLE public.songs ADD PRIMARY KEY (id);
ALTER TABLE public.events ADD PRIMARY KEY (id);
CREATE INDEX ON public.users (created_at);
CREATE INDEX ON public.songs (user_id, created_at);
CREATE INDEX ON public.songs USING gin (tags);
CREATE INDEX ON public.events (user_id, at);
CREATE INDEX ON public.events (song_id);
ALTER TABLE public.songs ADD FOREIGN KEY (user_id) REFERENCES public.users;
ALTER TABLE public.events ADD FOREIGN KEY (user_id) REFERENCES public.users;
ANALYZE;
