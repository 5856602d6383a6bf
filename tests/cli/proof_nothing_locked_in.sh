#!/usr/bin/env bash
# Rows, sequence states and large objects come out of an archive without belay: the commands of
# docs/archive-format.md, section 11, are run as they stand there. Only the numbers of the items
# are replaced by those of this archive.
# shellcheck source=tests/cli/proof.inc
source "$(dirname "${BASH_SOURCE[0]}")/proof.inc"
proof 1
command -v zstd >/dev/null || skip 'there is no zstd program'

new_database "template template0 encoding 'UTF8'"
source=$DATABASE
# songs cannot be binary: its bytes would hold the OID of a type of this database.
psql -d "$source" <<'SQL' >/dev/null
create type public.title as (main text, sub text);
create table public.songs (id int primary key, title public.title);
create table public.plays (id bigserial primary key, at timestamptz);
create index on public.plays (at);
insert into public.songs select i, row(E'\t\\.\n' || i || ' ä 🎵', case when i % 3 > 0 then repeat(md5(i::text), 50) end)::public.title
  from generate_series(1, 12000) i;
insert into public.songs values (0, null), (-1, row(null, '')::public.title);
insert into public.plays (at) select case when i % 7 > 0 then timestamptz '2000-01-01 UTC' + i * interval '1 second' end
  from generate_series(1, 300000) i;
create sequence public.counter increment 7;
select setval('public.counter', 77, false);
select lo_from_bytea(0, convert_to(repeat(md5('a'), 20000), 'UTF8')), lo_from_bytea(0, '\x00ff5c2e0a'), lo_create(0);
SQL

section() { sed -n '/^## 11\. /,/^## 12\. /p' "$SOURCE/docs/archive-format.md"; }
section | sed -n 's/^    //p' >"$TMP/commands"
grep -q 'tar -xf' "$TMP/commands" && grep -q 'FORMAT binary' "$TMP/commands" || fail 'the page has changed its form'
grep -q 'belay ' "$TMP/commands" && fail 'the page needs belay to get the rows out'

# rescue EXTENSION UNPACK [OPTION...]: backs up with these options and gets everything out as the
# page says, with another extension and another program where it says so.
rescue() {
  local extension=$1 unpack=$2 table
  shift 2
  new_database "template template0 encoding 'UTF8'"
  local rescued=$DATABASE
  rm -rf "$TMP/work"
  mkdir "$TMP/work"
  expect_exit 0 "$BELAY" backup -d "$source" -f "$TMP/work/app.belay" "$@"
  tar -xOf "$TMP/work/app.belay" --wildcards 'toc/*' | zstd -dc | grep -F '"type":"item"' >"$TMP/items"
  number_of() { sed -n "/\"$1\"/s/.*\"number\":\([0-9]*\).*/\1/p" "$TMP/items"; }
  grep '"songs"' "$TMP/items" | grep -qF '"format":"text"' || fail 'songs is not a text table'
  grep '"plays"' "$TMP/items" | grep -qF '"format":"binary"' || fail 'plays is not a binary table'
  sed -e "s#data/1/#data/$(number_of songs)/#" -e "s#data/2/#data/$(number_of plays)/#" \
    -e "s#data/3/#data/$(number_of sequence_states)/#" -e "s#data/4/#data/$(number_of large_objects)/#" \
    -e "s#\.copy\.zst#.copy$extension#; s#zstd -dc \(data\|\"\$f\"\)#$unpack \1#" "$TMP/commands" >"$TMP/script"
  # "... and, after the rows are in, the same with = 'post-data'."
  sed -n '/^psql -Atc/,/pre-data.sql/{p;/pre-data.sql/q}' "$TMP/commands" | sed "s/IN ('pre-data', 'data')/= 'post-data'/; s/pre-data/post-data/g" >>"$TMP/script"
  echo 'psql -f post-data.sql' >>"$TMP/script"
  (
    cd "$TMP/work"
    export A=app.belay PGDATABASE=$rescued
    export -n BELAY
    bash -euo pipefail "$TMP/script" >"$TMP/stdout" 2>"$TMP/stderr"
  ) || { cat "$TMP/stderr" >&2; fail 'a command of the page failed'; }
  # psql -f goes on after an error, as it does at the console.
  [ ! -s "$TMP/stderr" ] || { cat "$TMP/stderr" >&2; fail 'a command of the page complained'; }
  [ "$(sed -n 's/ .*-$//p' "$TMP/stdout" | head -n 1)" = "$(sed -n 's/^archive_sha256 //p' "$TMP/work/rescue/tail")" ] ||
    fail 'the SHA-256 of the archive is not what the tail says'

  psql -d "$rescued" -c 'drop table public.toc, public.seq, public.lo'
  for table in songs plays; do
    cmp <(query "$source" "copy (select * from public.$table order by 1) to stdout") \
      <(query "$rescued" "copy (select * from public.$table order by 1) to stdout") || fail "$table differs"
  done
  local large='select loid, md5(string_agg(data, $$$$ order by pageno)) from pg_largeobject group by 1 order by 1'
  [ "$(query "$source" "$large")" = "$(query "$rescued" "$large")" ] || fail 'a large object differs'
  [ "$(query "$source" "$large" | wc -l)" = 2 ] || fail 'the large objects are not there'
  if [ -n "$ORACLE" ]; then
    cmp <("$ORACLE" --restrict-key=belay --schema-only "$source") <("$ORACLE" --restrict-key=belay --schema-only "$rescued") ||
      fail 'the schema differs'
  fi
  local states='select schemaname, sequencename, last_value from pg_sequences order by 1, 2'
  [ "$(query "$source" "$states")" = "$(query "$rescued" "$states")" ] || fail 'a sequence state differs'
  [ "$(query "$rescued" "select nextval('public.counter')")" = 77 ] || fail 'is_called is lost'
  drop_database "$rescued"
}

for ((LOOPS = 0; LOOPS < COUNT; LOOPS++)); do
  rescue .zst 'zstd -dc'
  [ "$(find "$TMP/work/rescue/data" -name '*.copy.zst' | wc -l)" -ge 5 ] || fail 'no table has several chunks'
  rescue .gz 'gzip -dc' -Z gzip
  rescue '' cat -Z none
done
