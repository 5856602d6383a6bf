#!/usr/bin/env bash
# Schemas against each other: databases, archives and exported files.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"

music_database
source=$DATABASE
new_role
psql -d "$source" -c "create domain studio.rating as int check (value between 0 and 5);
  create table studio.plays (song bigint not null references studio.songs, at date, stars studio.rating,
    check (at > '2000-01-01')) partition by range (at);
  create table studio.plays_2026 partition of studio.plays for values from ('2026-01-01') to ('2027-01-01');
  create index plays_at on studio.plays (at);
  create function studio.shout(text) returns text language sql as E'select upper(\$1)\n-- loud\n';
  create view studio.\"Od'd\" as select 1 as \"a b\";
  create table public.alembic_version (version_num text primary key);
  grant select on studio.songs to $ROLE"
expect_exit 0 "$BELAY" backup -d "$source" -f "$TMP/a.belay" --verify compared
expect_exit 0 "$BELAY" backup -d "$source" -f "$TMP/s.belay" -s

# The same bytes from the database and from its archives, with or without rows.
"$BELAY" schema -d "$source" --format json >"$TMP/a.json"
"$BELAY" schema "$TMP/a.belay" --format json >"$TMP/b.json"
expect_exit 0 "$BELAY" schema "$TMP/s.belay" --format json -f "$TMP/c.json"
cmp "$TMP/a.json" "$TMP/b.json" && cmp "$TMP/a.json" "$TMP/c.json" || fail 'the schemas differ'
expect_json "$TMP/a.json" '{server_major}' "$(($(query postgres 'show server_version_num') / 10000))"
"$BELAY" schema -d "$source" >"$TMP/a.sql"

# Equal: every form against every other.
for one in "$source" "$TMP/a.belay" "$TMP/a.json"; do
  for other in "$source" "$TMP/s.belay" "$TMP/a.json"; do
    expect_exit 0 "$BELAY" schema diff "$one" "$other"
    expect_text "$TMP/stdout" 'same: '
  done
done
for file in "$TMP/a.json" "$TMP/a.sql"; do
  expect_exit 0 "$BELAY" schema --check "$file" -d "$source"
  expect_exit 0 "$BELAY" schema --check "$file" "$TMP/a.belay"
done

# Different: added, removed and changed, by name and property.
psql -d "$source" -c "alter table studio.users add note text; alter table studio.users alter name type varchar(80);
  drop view studio.calm_songs; create index songs_title on studio.songs (title);
  create or replace function studio.shout(text) returns text language sql as E'select upper(\$1)\n-- LOUD\n';
  revoke select on studio.songs from $ROLE"
expect_exit 4 "$BELAY" schema diff "$TMP/a.belay" "$source"
for text in 'DIFFERENT: ' 'added    index studio.songs_title' 'removed  view studio.calm_songs' \
  'changed  table studio.users' 'columns.name.type: text -> character varying(80)' 'columns.note: (none) -> ' \
  'changed  function studio.shout(text)' '- -- loud' '+ -- LOUD' "$ROLE=r/postgres, postgres=" "-> the default" '1 added, 1 removed, 3 changed'; do
  expect_text "$TMP/stdout" "$text"
done
expect_no_text "$TMP/stdout" columns.id
cp "$TMP/stdout" "$TMP/told"
expect_exit 4 "$BELAY" schema --check "$TMP/a.json" -d "$source"
cmp <(sed 1d "$TMP/told") <(sed 1d "$TMP/stdout") || fail 'the check tells otherwise'
expect_exit 4 "$BELAY" schema diff "$source" "$TMP/a.json" --json
expect_json "$TMP/stdout" '{same}' false
expect_json "$TMP/stdout" '{exit_status}' 4
expect_json "$TMP/stdout" '{differences,0,change}' changed
expect_json "$TMP/stdout" '{differences,0,identity}' 'studio.shout(text)'

expect_exit 4 "$BELAY" schema --check "$TMP/a.sql" -d "$source"
for text in 'removed  view studio.calm_songs' 'added    index studio.songs_title' '+     name character varying(80) NOT NULL,' \
  'removed  Privileges: table studio.songs'; do
  expect_text "$TMP/stdout" "$text"
done

# Another major is never "different"; the very same text is the same.
sed '1s/"server_major":[0-9]*/"server_major":11/' "$TMP/a.json" >"$TMP/other.json"
expect_exit 0 "$BELAY" schema --check "$TMP/other.json" "$TMP/a.belay"
expect_error 5 'different major versions' "$BELAY" schema --check "$TMP/other.json" -d "$source"

# An archive of the first version did not record objects.
expect_exit 0 "$BELAY" schema "$SOURCE/tests/golden/v0.1/mixed.belay"
expect_error 2 'as SQL only' "$BELAY" schema "$SOURCE/tests/golden/v0.1/mixed.belay" --format json
expect_error 2 'as SQL only' "$BELAY" schema diff "$SOURCE/tests/golden/v0.1/mixed.belay" "$source"

# What connects elsewhere may be a secret: it is kept in archives, and no person reads it by the way.
new_database
secrets=$DATABASE
psql -d "$secrets" <<SQL
create foreign data wrapper plain;
create server "odd 'server' ""x" foreign data wrapper plain options (host 'seen');
create user mapping for public server "odd 'server' ""x" options (user 'hidden', "it's ""a"" name" E'hid''den\\\\', password '');
create subscription stream_$secrets connection 'dbname=none password=hidden' publication p with (connect = false, slot_name = none);
SQL
expect_exit 0 "$BELAY" backup -d "$secrets" -f "$TMP/secrets.belay" --verify none
for side in "-d $secrets" "$TMP/secrets.belay"; do
  # shellcheck disable=SC2086
  expect_exit 0 "$BELAY" schema $side
  expect_no_text "$TMP/stdout" hid
  expect_text "$TMP/stdout" "host 'seen'"
  expect_text "$TMP/stdout" "\"it's \"\"a\"\" name\" 'not_shown'"
  expect_text "$TMP/stdout" "CONNECTION 'host=not_shown'"
  # shellcheck disable=SC2086
  expect_exit 0 "$BELAY" schema $side --format json
  expect_no_text "$TMP/stdout" hid
  expect_text "$TMP/stdout" seen
done
expect_exit 0 "$BELAY" export "$TMP/secrets.belay" -f "$TMP/secrets.sql"
expect_text "$TMP/secrets.sql" "\"user\" 'hidden'"
psql -d "$secrets" -c "drop subscription stream_$secrets"

# Mistakes.
expect_error 2 'diff takes two schemas' "$BELAY" schema diff "$source"
expect_error 2 'one archive' "$BELAY" schema "$TMP/a.belay" "$TMP/a.belay"
expect_error 2 'no -d' "$BELAY" schema diff a b -d c
expect_error 2 'no -f' "$BELAY" schema --check "$TMP/a.sql" -d "$source" -f "$TMP/x"
expect_error 2 'cannot be taken apart' "$BELAY" schema diff "$TMP/a.sql" "$source"
expect_error 2 'none.json' "$BELAY" schema --check "$TMP/none.json" -d "$source"
echo '{"format":"belay schema"}' >"$TMP/bad.json"
expect_error 2 'a key is missing' "$BELAY" schema diff "$TMP/bad.json" "$source"
expect_error 2 'it is not JSON' "$BELAY" schema --check "$SOURCE/README.md" -d "$source"
