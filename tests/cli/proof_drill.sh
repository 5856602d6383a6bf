#!/usr/bin/env bash
# The drill finds what is not as it was: 4 and its name. What stops it from running is 5, which is
# never "damaged". What came back whole is 0.
# shellcheck source=tests/cli/proof.inc
source "$(dirname "${BASH_SOURCE[0]}")/proof.inc"
proof 1

# A materialized view is refreshed last of all, so its query can change a neighbour after the rows
# have been loaded and before they are compared. It does so in a drill's scratch database only.
new_role login createdb
owner=$ROLE
new_database "owner $owner"
source=$DATABASE
psql -d "$source" -U "$owner" <<'SQL' >/dev/null
create schema studio;
create table studio.songs (id bigint generated always as identity primary key, title text not null, plays int);
insert into studio.songs (title, plays) select 'song ' || i, i from generate_series(1, 1000) i;
create index songs_title on studio.songs (title);
create sequence studio.counter;
select setval('studio.counter', 42), lo_create(4711), lo_put(4711, 0, repeat('abc', 3000)::bytea);
create table studio.meddling (with_what text);
insert into studio.meddling values ('nothing');
create function studio.meddle() returns int language plpgsql as $$
declare what text := (select with_what from studio.meddling);
begin
  if current_database() !~ '__belay_drill_' or what is null then return 0; end if;
  case what
    when 'nothing' then return 0;
    when 'row' then update studio.songs set plays = plays + 1 where id = 500;
    when 'lost row' then delete from studio.songs where id = 500;
    when 'moved rows' then update studio.songs set title = 'song ' || (1001 - plays) where id in (1, 1000);
    when 'sequence' then perform pg_catalog.setval('studio.counter', 43);
    when 'is_called' then perform pg_catalog.setval('studio.counter', 42, false);
    when 'index' then execute 'drop index studio.songs_title';
    when 'object' then perform pg_catalog.lo_put(4711, 8999, '\x00');
    when 'length' then perform pg_catalog.lo_put(4711, 9000, '\x00');
    when 'column' then execute 'alter table studio.songs alter title drop not null';
  end case;
  return 0;
end $$;
create materialized view studio.last as select studio.meddle() as zero;
SQL
before=$(server_state)
# drill STATUS WHAT [TEXT]
drill() {
  psql -d "$source" -c "update studio.meddling set with_what = '$2'"
  expect_exit 0 "$BELAY" backup -d "$source" -U "$owner" -f "$TMP/a.belay"
  expect_json "$TMP/a.belay.receipt.json" '{level}' readable
  expect_exit "$1" "$BELAY" verify "$TMP/a.belay" --level compared -d "$source" -U "$owner"
  [ $# -lt 3 ] || cat "$TMP/stdout" "$TMP/stderr" | grep -F -- "$3" >/dev/null ||
    { cat "$TMP/stdout" "$TMP/stderr" >&2; fail "a changed $2 is not named as: $3"; }
  if [ "$1" = 0 ]; then
    expect_json "$TMP/a.belay.receipt.json" '{level}' compared
  else
    [ ! -e "$TMP/a.belay.receipt.json" ] || [ "$(json "$TMP/a.belay.receipt.json" '{level}')" != compared ] ||
      fail "$2: a receipt says compared"
  fi
  [ "$(server_state)" = "$before" ] || fail "$2: something was left on the server"
}
for ((LOOPS = 0; LOOPS < COUNT; LOOPS++)); do
  drill 0 nothing
  drill 4 row 'studio.songs'
  drill 4 'lost row' 'studio.songs'
  drill 4 'moved rows' 'studio.songs'
  drill 4 sequence 'studio.counter'
  drill 4 is_called 'studio.counter'
  drill 4 index 'songs_title'
  drill 4 object 'large object'
  drill 4 length 'large object'
  drill 4 column 'schema: table studio.songs: columns.'
done
# The backup's own drill has the same eyes.
expect_exit 4 "$BELAY" backup -d "$source" -U "$owner" -f "$TMP/b.belay" --verify compared
[ ! -e "$TMP/b.belay.receipt.json" ] || fail 'a receipt without a proof'

psql -d "$source" -c "update studio.meddling set with_what = 'nothing'"
expect_exit 0 "$BELAY" backup -d "$source" -f "$TMP/a.belay"
# could_not_run TEXT OPTION...: 5, and the readable proof stays.
could_not_run() {
  local text=$1
  shift
  expect_error 5 "$text" "$BELAY" verify "$TMP/a.belay" --level compared "$@"
  expect_json "$TMP/a.belay.receipt.json" '{level}' readable
  [ "$(server_state)" = "$before" ] || fail "$text: something was left on the server"
}
# A role too weak: to make a database, and to make objects for another owner.
new_role login
weak=$ROLE
new_role login createdb
stranger=$ROLE
before=$(server_state)
could_not_run "$weak" -d "$source" -U "$weak"
could_not_run "$owner" -d "$source" -U "$stranger"

# A role that is gone.
psql -d postgres -c "create role ${owner}_gone"
at_exit psql -d postgres -c "drop role if exists ${owner}_gone"
psql -d "$source" -c "grant select on studio.songs to ${owner}_gone"
expect_exit 0 "$BELAY" backup -d "$source" -f "$TMP/a.belay"
psql -d "$source" -c "drop owned by ${owner}_gone; drop role ${owner}_gone"
could_not_run "${owner}_gone" -d "$source"
