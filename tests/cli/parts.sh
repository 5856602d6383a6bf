#!/usr/bin/env bash
# Parts of a database: chosen at the backup and at the restore; into a new database and in place.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"

music_database
source=$DATABASE
psql -d "$source" -c "create table studio.plays (song bigint references studio.songs, at date);
  create index plays_at on studio.plays (at); insert into studio.plays select 1 + i % 500, '2026-01-01' from generate_series(1, 300) i;
  create schema \"Odd One\"; create table \"Odd One\".\"T\" (a int); insert into \"Odd One\".\"T\" values (1);
  create table public.alembic_version (version_num text primary key)"
expect_exit 0 "$BELAY" backup -d "$source" -f "$TMP/a.belay"
copy=${source}_copy
at_exit drop_database "$copy"
restore() { "$BELAY" restore "$TMP/a.belay" -d "$copy" "$@"; }
relations() { query "$1" "select relkind::text || ' ' || oid::regclass from pg_class where relnamespace::regnamespace::text not in
  ('pg_catalog', 'information_schema', 'pg_toast') order by 1"; }

# One table: what it needs, what hangs on it, its rows and the state of its sequence; what needs more is named.
expect_exit 0 restore --create -t songs
expect_text "$TMP/stdout" '1 table, 500 rows'
expect_text "$TMP/stdout" 'only the members that were needed'
expect_text "$TMP/stderr" 'left out: foreign key'
expect_text "$TMP/stderr" 'it needs table studio.users'
[ "$(relations "$copy")" = "S studio.songs_id_seq
i studio.songs_pkey
r studio.songs" ] || { relations "$copy" >&2; fail 'other relations'; }
same() { cmp <(query "$source" "$1") <(query "$copy" "$1") || fail "differs: $1"; }
same 'select * from studio.songs order by id'
same 'select last_value, is_called from studio.songs_id_seq'
same 'select enum_range(null::studio.mood)'

# In place: the rest of it. What is there is used, what would be made twice is refused, and every failure leaves all as it was.
before=$("$BELAY" schema -d "$copy")
expect_error 8 'is there already' restore --in-place -t songs
expect_error 8 'is there already' restore --in-place
[ "$("$BELAY" schema -d "$copy")" = "$before" ] || fail 'the schema changed'
expect_exit 0 restore --in-place -t users
expect_text "$TMP/stdout" '1 table, 50 rows'
same 'select * from studio.users order by id'
expect_exit 0 restore --in-place -t plays
# Both tables of its foreign key are there.
expect_no_text "$TMP/stderr" 'left out'
same 'select * from studio.plays order by 1, 2'
expect_exit 0 restore --in-place -t calm_songs
same 'select count(*) from studio.calm_songs'

# Rows only, into empty tables.
expect_error 8 'has rows already' restore --in-place -a -t plays
psql -d "$copy" -c 'truncate studio.plays'
expect_exit 0 restore --in-place -a -t plays
same 'select * from studio.plays order by 1, 2'
psql -d "$copy" -c 'truncate studio.plays; delete from studio.songs where id = 7'
before=$("$BELAY" schema -d "$copy")
expect_error 8 'nothing was changed' restore --in-place --section data -t plays
[ "$(query "$copy" 'select count(*) from studio.plays')" = 0 ] || fail 'rows were left behind'
[ "$("$BELAY" schema -d "$copy")" = "$before" ] || fail 'the schema changed'
drop_database "$copy"

# Section by section gives the same as all at once.
expect_exit 0 restore --create --section pre-data
expect_exit 0 restore --in-place --section data
expect_exit 0 restore --in-place --section post-data
expect_exit 0 "$BELAY" compare "$TMP/a.belay" "$copy"
same_schema "$source" "$copy"
drop_database "$copy"
# All of it in place, from a pipe, with large objects; a cut pipe changes nothing.
psql -d postgres -c "create database $copy"
expect_error 4 'nothing was changed' "$BELAY" restore - -d "$copy" --in-place < <(head -c -3000 "$TMP/a.belay")
[ -z "$(relations "$copy")" ] || fail 'something was left behind'
expect_exit 0 "$BELAY" restore - -d "$copy" --in-place <"$TMP/a.belay"
expect_exit 0 "$BELAY" compare "$TMP/a.belay" "$copy"
drop_database "$copy"

# Schemas, exclusions, quoted names.
expect_exit 0 restore --create -n '"Odd"*'
[ "$(relations "$copy")" = 'r "Odd One"."T"' ] || fail 'other relations'
drop_database "$copy"
expect_exit 0 restore --create -N '"Odd One"' -T plays -T alembic_version
relations "$copy" | grep -q 'plays\|Odd\|alembic' && fail 'was not left out'
same 'select * from studio.songs order by id'
drop_database "$copy"
expect_error 2 'it cannot exist without table studio.songs' restore --create -T songs
expect_error 2 'no table, view or sequence matches' restore --create -t nothing
expect_error 2 'not a pattern' restore --create -t 'a|b'
expect_error 2 '--create or --in-place' restore
expect_error 2 'a new database has no tables' restore --create -a
expect_error 2 'only one of' restore --in-place -a -s
expect_error 2 'pre-data, data or post-data' restore --in-place --section all
expect_error 3 '' restore --in-place
[ "$(query postgres "select count(*) from pg_database where datname like '$copy%'")" = 0 ] || fail 'a database was left behind'

# A part of a file is read alone: damage elsewhere does not matter to it, and to the whole it does.
cp "$TMP/a.belay" "$TMP/damaged.belay"
number=$(tar -xOf "$TMP/a.belay" --wildcards 'toc/*' | zstd -dc | sed -n 's/.*"name":"users","number":\([0-9]*\),.*"type":"item"}/\1/p')
offset=$(tar -xOf "$TMP/a.belay" "data/$number/end.json" | sed 's/.*"chunks":\[\[\([0-9]*\),.*/\1/')
printf '\377\377\377' | dd of="$TMP/damaged.belay" bs=1 seek=$((offset + 5)) conv=notrunc status=none
expect_error 4 "the archive is damaged: data/$number/" "$BELAY" restore "$TMP/damaged.belay" -d "$copy" --create
expect_exit 0 "$BELAY" restore "$TMP/damaged.belay" -d "$copy" --create -t songs
same 'select * from studio.songs order by id'
drop_database "$copy"

# What somebody took out of an extension is made again only beside an extension that the restore made.
new_database
psql -d "$DATABASE" -c 'create extension hstore; alter extension hstore drop function akeys(hstore)'
expect_exit 0 "$BELAY" backup -d "$DATABASE" -f "$TMP/taken_out.belay"
is_member() { [ "$(query "$copy" "select count(*) from pg_depend where objid = 'akeys(hstore)'::regprocedure and deptype = 'e'")" = 1 ]; }
expect_exit 0 "$BELAY" restore "$TMP/taken_out.belay" -d "$copy" --create
! is_member || fail 'a member as the script makes it'
drop_database "$copy"
psql -d postgres -c "create database $copy"
psql -d "$copy" -c 'create extension hstore'
expect_error 8 'already exists' "$BELAY" restore "$TMP/taken_out.belay" -d "$copy" --in-place
is_member || fail 'an extension that was there was changed'
drop_database "$copy"

# As another role: everything is its own.
new_role createdb
expect_exit 0 restore --create -O -x --role "$ROLE" -t songs
[ "$(query "$copy" "select distinct relowner::regrole from pg_class where relnamespace = 'studio'::regnamespace")" = "$ROLE" ] ||
  fail 'not its own'
drop_database "$copy"
expect_error 8 'there is no such role' restore --create -O --role nobody_$$

# Chosen at the backup: a proof is a proof of the part, and the archive says what it is not.
expect_exit 0 "$BELAY" backup -d "$source" -f "$TMP/part.belay" -t songs --verify compared
expect_exit 0 "$BELAY" inspect "$TMP/part.belay"
expect_text "$TMP/stdout" 'selected with -t songs'
expect_text "$TMP/stdout" 'it needs table studio.users'
expect_exit 0 "$BELAY" restore "$TMP/part.belay" -d "$copy" --create
same 'select * from studio.songs order by id'
drop_database "$copy"
expect_exit 0 "$BELAY" backup -d "$source" -f "$TMP/part.belay" -N studio -s --verify readable
expect_exit 0 "$BELAY" schema "$TMP/part.belay"
expect_no_text "$TMP/stdout" studio.
expect_error 2 'what was left out is needed' "$BELAY" backup -d "$source" -f "$TMP/x.belay" -T songs
expect_exit 0 "$BELAY" backup -d "$source" -f "$TMP/rows.belay" --exclude-table-data 'studio.S*'
# The gate takes no part for the whole.
expect_exit 0 "$BELAY" backup -d "$source" --verify compared -T plays
expect_exit 11 "$BELAY" migrate -d "$source" --gate require --target-confirmed -- true
expect_text "$TMP/stderr" 'something was left out of it'
