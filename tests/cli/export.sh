#!/usr/bin/env bash
# An archive as a script: psql loads it, and the copy is the database.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"

music_database
source=$DATABASE
new_role
psql -d "$source" -c "grant select on studio.songs to $ROLE; comment on table studio.songs is E'line\nline';
  create table studio.lines (a text, b money, c interval, d date); create schema \"Ä\"; create table \"Ä\".\"t'\" (x int);
  insert into \"Ä\".\"t'\" values (null), (1);
  create materialized view studio.loud as select title from studio.songs where loud" \
  -c "insert into studio.lines values (E'\\\\.', 1.5, '-1 day 2:00', '4713-01-01 BC'), (E'\\n\\t', null, '-1 year', 'infinity')"
expect_exit 0 "$BELAY" backup -d "$source" -f "$TMP/a.belay" --format text
for suffix in '' .gz .zst; do
  new_database
  expect_exit 0 "$BELAY" export "$TMP/a.belay" -f "$TMP/a.sql$suffix"
  expect_text "$TMP/stdout" "exported: $TMP/a.sql$suffix"
  expect_text "$TMP/stdout" '554 rows'
  case $suffix in .gz) gzip -dc "$TMP/a.sql.gz" ;; .zst) zstd -dc "$TMP/a.sql.zst" ;; *) cat "$TMP/a.sql" ;; esac >"$TMP/plain.sql"
  cmp "$TMP/a.sql" "$TMP/plain.sql" || fail 'the scripts differ'
  psql -d "$DATABASE" -f "$TMP/plain.sql" >"$TMP/out" 2>&1 || { tail "$TMP/out" >&2; fail 'psql failed'; }
  same_schema "$source" "$DATABASE"
  expect_exit 0 "$BELAY" compare "$TMP/a.belay" "$DATABASE"
done
expect_exit 0 "$BELAY" export "$TMP/a.belay" -f -
cmp "$TMP/a.sql" "$TMP/stdout" || fail 'the standard output is not the script'
expect_exit 0 "$BELAY" export "$TMP/a.belay" -f "$TMP/b.sql" --json
expect_json "$TMP/stdout" '{rows}' 554

# Rows in another encoding, under names that every encoding has.
new_database "template template0 encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'"
latin=$DATABASE
PGCLIENTENCODING=UTF8 psql -d "$latin" -c "create table t (a text); insert into t values ('é')"
expect_exit 0 "$BELAY" backup -d "$latin" -f "$TMP/l.belay" --format text
expect_exit 0 "$BELAY" export "$TMP/l.belay" -f "$TMP/l.sql"
new_database
psql -d "$DATABASE" -f "$TMP/l.sql" >/dev/null
[ "$(query "$DATABASE" 'select a from t')" = é ] || fail 'the encoding is lost'
PGCLIENTENCODING=UTF8 psql -d "$latin" -c 'create table "é" (a text)'
expect_exit 0 "$BELAY" backup -d "$latin" -f "$TMP/l.belay" --format text
expect_error 2 'cannot name this table' "$BELAY" export "$TMP/l.belay" -f "$TMP/none.sql"

# What a script cannot hold is refused by name, and nothing is written.
expect_exit 0 "$BELAY" backup -d "$source" -f "$TMP/binary.belay"
expect_error 2 'studio.users' "$BELAY" export "$TMP/binary.belay" -f "$TMP/none.sql"
expect_text "$TMP/stderr" '--format text'
[ ! -e "$TMP/none.sql" ] || fail 'a file was left behind'
expect_error 2 'export needs -f' "$BELAY" export "$TMP/a.belay"
expect_error 4 '' "$BELAY" export "$SOURCE/README.md" -f "$TMP/none.sql"
