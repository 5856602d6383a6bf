#!/usr/bin/env bash
# packaging/alembic: revisions made from the template with a real Alembic may run twice, and lose nothing
# that nobody has said may go.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"
# shellcheck source=tests/cli/alembic.inc
source "$(dirname "$0")/alembic.inc"

export BELAY_KEEP_COPY=0
new_database
alembic_project "$DATABASE"
cp "$SOURCE/packaging/alembic/belay_checks.py" "$SOURCE/packaging/alembic/script.py.mako" "$PROJECT/migrations/"
alembic() { (cd "$PROJECT" && /usr/bin/alembic "$@"); }
# made ID: a revision after the last one, from the template; its upgrade() is the standard input.
made() {
  local file
  alembic revision -m "$1" --rev-id "$1" >"$TMP/log" 2>&1 || { cat "$TMP/log" >&2; fail 'alembic revision'; }
  file=$(find "$PROJECT/migrations/versions" -name "$1_*.py")
  [ "$(grep -c '^    pass$' "$file")" = 2 ] || fail 'the template makes another file'
  sed -i -e "$(grep -n '^    pass$' "$file" | head -n 1 | cut -d: -f1)r /dev/stdin" "$file"
}
# again: what was applied is run once more, as after a crash between commit and stamp.
again() {
  query "$DATABASE" "update alembic_version set version_num = '$1'" >/dev/null
  expect_exit 0 alembic upgrade head
}
state() { "$BELAY" schema -d "$DATABASE" | cksum; }

query "$DATABASE" "create table sketches (id int, notes text); insert into sketches select i, 'note' from generate_series(1, 3) i; create table empty (i int, j int)"
made a1 <<<'    op.execute("select 1")'
expect_exit 0 alembic upgrade head

# What is there is not made again.
made a2 <<'PY'
    if not table_exists("Song Titles"):
        op.create_table("Song Titles", sa.Column("id", sa.Integer, primary_key=True))
    if not column_exists("Song Titles", "title"):
        op.add_column("Song Titles", sa.Column("title", sa.Text))
    if not index_exists("Song Index", schema="public"):
        op.create_index("Song Index", "Song Titles", ["title"])
    drop_column("empty", "j")
    drop_table("gone")
PY
expect_exit 0 alembic upgrade head
after=$(state)
again a1
[ "$(state)" = "$after" ] || fail 'the second time changed something'
[ "$(query "$DATABASE" "select count(*) from information_schema.columns where table_name = 'empty'")" = 1 ] || fail 'an empty column was not dropped'

# Data that would be lost is refused, with the count; belay knows that nothing was changed.
made a3 <<<'    op.execute("create table first (i int)"); drop_column("sketches", "notes")'
expect_exit 1 alembic upgrade head
expect_text "$TMP/stderr" 'dropping column notes of sketches would take 3 values along'
without_autovacuum
expect_failure 30 'revision, schema and rows are as before' migrate
rm "$PROJECT"/migrations/versions/a3_*.py
made a3 <<<'    drop_table("sketches")'
expect_exit 1 alembic upgrade head
expect_text "$TMP/stderr" 'dropping table sketches would take 3 rows along'
rm "$PROJECT"/migrations/versions/a3_*.py
made a3 <<<'    require_none("SELECT count(*) FROM sketches WHERE id < 3", "ids begin at 3")'
expect_exit 1 alembic upgrade head
expect_text "$TMP/stderr" 'ids begin at 3: 2 rows'
rm "$PROJECT"/migrations/versions/a3_*.py
made a3 <<'PY'
    if table_exists("sketches"):
        require_none("SELECT count(*) FROM sketches WHERE id < 1", "ids begin at 1")
    drop_column("sketches", "notes", may_lose=True)
    drop_table("sketches", may_lose=True)
PY
expect_exit 0 alembic upgrade head
[ "$(query "$DATABASE" "select to_regclass('sketches') is null")" = t ] || fail 'the table is still there'
again a2

# An index that a broken CREATE INDEX CONCURRENTLY has left is made anew.
query "$DATABASE" "insert into \"Song Titles\" (id, title) values (1, 'a'), (2, 'a')"
psql -d "$DATABASE" -c 'create unique index concurrently titles on "Song Titles" (title)' 2>/dev/null && fail 'the test has no effect'
query "$DATABASE" 'delete from "Song Titles" where id = 2'
made a4 <<'PY'
    drop_invalid_index("titles")
    if not index_exists("titles"):
        with concurrently():
            op.create_index("titles", "Song Titles", ["title"], unique=True, postgresql_concurrently=True)
PY
expect_exit 0 alembic upgrade head
[ "$(query "$DATABASE" "select indisvalid from pg_index where indexrelid = 'titles'::regclass")" = t ] || fail 'no valid index'
again a3
[ "$(query "$DATABASE" "select count(*) from pg_index where indrelid = '\"Song Titles\"'::regclass")" = 3 ] || fail 'another index was made'

# In a script everything is there, since nobody can be asked.
expect_exit 0 alembic upgrade a1:a3 --sql
expect_text "$TMP/stdout" 'CREATE TABLE "Song Titles"'
expect_text "$TMP/stdout" 'DROP TABLE sketches'
