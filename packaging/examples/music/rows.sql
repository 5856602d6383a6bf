-- Rows for schema.sql: psql -v users=20000 -f rows.sql gives twelve times as many rows in all.
-- The same rows on every run.
SELECT setseed(0.42);

INSERT INTO studio.users (id, email, name, settings, created_at)
SELECT md5('user' || i)::uuid, 'user' || i || '@example.org',
       (ARRAY['Ada', 'Zoë', 'Jürgen', '明子', 'Ngũgĩ', 'O''Hara'])[1 + i % 6] || ' ' || i,
       jsonb_build_object('theme', CASE WHEN i % 2 = 0 THEN 'dark' ELSE 'light' END, 'volume', i % 11),
       '2025-01-01'::timestamptz + i * interval '7 minutes'
  FROM generate_series(1, :users) i;

INSERT INTO studio.songs (id, owner_id, title, lyrics, tags, bpm, seconds, created_at)
SELECT md5('song' || i)::uuid, md5('user' || 1 + i % :users)::uuid,
       'Song number ' || i, repeat('la ' || md5(i::text) || E'\n', 1 + i % 8),
       ARRAY['tag' || i % 17, 'mood' || i % 5], 60 + i % 120, 90 + random() * 200,
       '2025-02-01'::timestamptz + i * interval '3 minutes'
  FROM generate_series(1, 3 * :users) i;

INSERT INTO studio.sketches (song_id, chords, "Notes")
SELECT md5('song' || i)::uuid, ARRAY['Am', 'F', 'C', 'G'],
       CASE WHEN i % 3 = 0 THEN E'second verse:\tslower\nback\\slash' END
  FROM generate_series(1, 2 * :users) i;

INSERT INTO studio.generations (song_id, state, prompt, cost, created_at)
SELECT md5('song' || 1 + i % (3 * :users))::uuid,
       (ARRAY['queued', 'running', 'done', 'failed'])[1 + i % 4]::studio.take_state,
       jsonb_build_object('style', 'style ' || i % 40, 'seed', i), (i % 900) / 100.0,
       '2024-11-01'::timestamptz + i * interval '5 minutes'
  FROM generate_series(1, 6 * :users) i;

UPDATE studio.sketches
   SET recorded = lo_from_bytea(0, convert_to(repeat('wave ' || id, 20000), 'UTF8'))
 WHERE id <= 3;

REFRESH MATERIALIZED VIEW studio.takes_by_state;
ANALYZE;
