-- A music service: people write sketches, sketches become songs, a model generates takes of them.
-- psql -X -v ON_ERROR_STOP=1 -f schema.sql

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE SCHEMA studio;
COMMENT ON SCHEMA studio IS 'Everything that people make';

CREATE TYPE studio.take_state AS ENUM ('queued', 'running', 'done', 'failed');
CREATE DOMAIN studio.email AS text CHECK (VALUE LIKE '%_@_%');

CREATE TABLE studio.users (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    email      studio.email NOT NULL UNIQUE,
    name       text NOT NULL,
    settings   jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE studio.songs (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    owner_id   uuid NOT NULL REFERENCES studio.users ON DELETE CASCADE,
    title      text NOT NULL,
    lyrics     text NOT NULL DEFAULT '',
    tags       text[] NOT NULL DEFAULT '{}',
    bpm        numeric(5, 2) CHECK (bpm > 0),
    seconds    double precision,
    search     tsvector GENERATED ALWAYS AS (to_tsvector('simple', title || ' ' || lyrics)) STORED,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz
);
CREATE INDEX songs_search ON studio.songs USING gin (search);
CREATE INDEX songs_title_similar ON studio.songs USING gin (title public.gin_trgm_ops);
CREATE INDEX songs_of_owner ON studio.songs (owner_id, created_at DESC);

CREATE TABLE studio.sketches (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    song_id  uuid REFERENCES studio.songs ON DELETE SET NULL,
    chords   text[] NOT NULL,
    "Notes"  text,
    recorded oid
);
COMMENT ON COLUMN studio.sketches.recorded IS 'large object that holds the recording';

CREATE TABLE studio.generations (
    id         bigserial,
    song_id    uuid NOT NULL,
    state      studio.take_state NOT NULL DEFAULT 'queued',
    prompt     jsonb NOT NULL,
    cost       numeric(10, 4),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
CREATE TABLE studio.generations_2025 PARTITION OF studio.generations
    FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE studio.generations_2026 PARTITION OF studio.generations
    FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE studio.generations_rest PARTITION OF studio.generations DEFAULT;
CREATE INDEX generations_of_song ON studio.generations (song_id);

CREATE FUNCTION studio.touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;
CREATE TRIGGER songs_touch BEFORE UPDATE ON studio.songs
    FOR EACH ROW EXECUTE FUNCTION studio.touch();

CREATE VIEW studio.charts AS
    SELECT s.id, s.title, u.name AS by, count(g.*) AS takes
      FROM studio.songs s
      JOIN studio.users u ON u.id = s.owner_id
      LEFT JOIN studio.generations g ON g.song_id = s.id
     GROUP BY s.id, u.name;

CREATE MATERIALIZED VIEW studio.takes_by_state AS
    SELECT state, count(*) AS takes, sum(cost) AS cost FROM studio.generations GROUP BY state;
