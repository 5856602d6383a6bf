#!/usr/bin/env bash
# What ANALYZE gathered comes back, row for row, from server 18 on; of what the archive does not
# hold it holds no samples; and no restore fails for it.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"

# Older servers have nothing that would take them in.
new_database
psql -d "$DATABASE" -c 'create table t as select generate_series(1, 9) a' -c 'analyze'
expect_exit 0 "$BELAY" backup -d "$DATABASE" -f "$TMP/old.belay" --verify none
if [ "$(query postgres 'show server_version_num')" -lt 180000 ]; then
  expect_exit 0 "$BELAY" restore "$TMP/old.belay" -d "${DATABASE}_copy" --create
  at_exit drop_database "${DATABASE}_copy"
  expect_text "$TMP/stdout" "none came along: psql -d ${DATABASE}_copy -c ANALYZE"
  server=/tmp/belay-statistics-$$
  BELAY_TEST_MAJOR='' "$SOURCE/scripts/testdb" start --fresh --dir "$server" --major 18 || skip 'no server 18 here'
  AT_EXIT=("$(printf '%q ' "$SOURCE/scripts/testdb" stop --dir "$server")" "${AT_EXIT[@]}")
  old=$PGHOST
  export PGHOST=$server
fi

# The role is no superuser: the fixture's domain "plain" lets none look at its values.
new_role 'login createdb'
owner=$ROLE
new_database "owner $owner"
psql -U "$owner" -d "$DATABASE" -f "$SOURCE/tests/fixtures/planner_statistics.sql"
fresh=$(query "$DATABASE" "select count(*) from pg_stats where tablename = 'seen'")
[ "$fresh" -gt 0 ] || fail 'the fixture gathers nothing'

# facts DATABASE: all that the planner knows of users' tables, and how many rows it expects. (Costs hang on the size of files.)
known() {
  psql -At -d "$1" <<'SQL'
select * from pg_stats where schemaname not in ('pg_catalog', 'information_schema') and tablename <> 'one_range' order by 1, 2, 3, 4;
select attname, avg_width, n_distinct from pg_stats where tablename = 'one_range' order by attname;
select relname, relkind, reltuples, relpages <= 0, relallvisible = relpages, relallfrozen = relpages from pg_class
 where relnamespace::regnamespace::text like '%Odd%' and relkind in ('r', 'p', 'm', 'i', 'I') order by relname;
set search_path = "Odd ""schema"" \ '";
explain select from "Ta ""ble"" \n '" where m = 'back\slash' and d < 9;
explain select from "Ta ""ble"" \n '" where a @> array['a"1'] or r && int4range(5, 100);
explain select from "Ta ""ble"" \n '" where upper(a[1]) = 'A"3' or f < 20;
explain select from part join parent on k = x where v = 'v1' and k < 1500;
explain select from seen where k || v = '1v1';
SQL
}
facts() { known "$1" | sed 's/(cost=[0-9.]* rows=/(rows=/'; }
# same DATABASE: as the original was
same() {
  facts "$1" | diff "$TMP/facts" - >&2 || fail "$1: other statistics"
}
# restored NAME OPTIONS: from $TMP/a.belay
restored() {
  local name=$1
  shift
  at_exit drop_database "$name"
  expect_exit 0 "$BELAY" restore "$TMP/a.belay" --create "$@"
}
item() { # the number of the item with the statistics
  tar -xOf "$1" toc/0.jsonl.zst | zstd -dc | sed -n 's/.*"kind":"planner_statistics".*"number":\([0-9]*\).*/\1/p'
}
samples() { tar -xOf "$1" "data/$(item "$1")/0.copy.zst" | zstd -dc; }

# By the owner, and by a superuser, whose session lets the owner look at the values.
expect_exit 0 "$BELAY" backup -d "dbname=$DATABASE user=$owner" -f "$TMP/a.belay" --verify none
facts "$DATABASE" >"$TMP/facts"
[ "$(grep -c '(rows=' "$TMP/facts")" -gt 5 ] || fail 'nothing is explained'
restored "${DATABASE}_a" -d "dbname=${DATABASE}_a user=$owner"
same "${DATABASE}_a"
expect_text "$TMP/stdout" 'taken in; for 2 tables more: psql -d'
restored "${DATABASE}_b" -d "${DATABASE}_b" -j 4 --json
expect_no_text "$TMP/stderr" statistics
expect_json "$TMP/stdout" '{planner_statistics,taken}' "$(samples "$TMP/a.belay" | wc -l)"
expect_json "$TMP/stdout" '{planner_statistics,analyze,1}' '"Odd ""schema"" \ '"'"'".together'
same "${DATABASE}_b"
same "$DATABASE"

# They are not contents: a copy without any is equal, and so is its fingerprint.
expect_exit 0 "$BELAY" verify "$TMP/a.belay" --level compared -d "$DATABASE"
query "${DATABASE}_b" "select count(pg_clear_attribute_stats(schemaname, tablename, attname, inherited)) from pg_stats where schemaname like 'Odd%'" >"$TMP/cleared"
expect_exit 0 "$BELAY" compare "$TMP/a.belay" "${DATABASE}_b"
expect_exit 0 "$BELAY" schema diff "$DATABASE" "${DATABASE}_b"

# Into an existing database, in its one transaction; a part takes none in.
psql -d postgres -c "create database ${DATABASE}_c owner $owner"
at_exit drop_database "${DATABASE}_c"
expect_exit 0 "$BELAY" restore "$TMP/a.belay" -d "dbname=${DATABASE}_c user=$owner" --in-place
same "${DATABASE}_c"
psql -d "${DATABASE}_c" -c "drop schema \"Odd \"\"schema\"\" \\ '\" cascade" 2>"$TMP/dropped"
expect_exit 0 "$BELAY" restore "$TMP/a.belay" -d "dbname=${DATABASE}_c user=$owner" --in-place -t '*.child'
expect_text "$TMP/stdout" 'none came along'
[ "$(query "${DATABASE}_c" "select count(*) from pg_stats where schemaname like 'Odd%'")" = 0 ] || fail 'a part took statistics in'

# Samples of rows only where there are the rows: none of an excluded partition, nor of what it is part of, nor of a view.
samples "$TMP/a.belay" >"$TMP/samples"
for text in 'part_1	k' '	part	' 'seen	k' 'part_1_expr'; do expect_text "$TMP/samples" "$text"; done
expect_exit 0 "$BELAY" backup -d "$DATABASE" -f "$TMP/without.belay" --verify none --exclude-table-data '*.part_1'
samples "$TMP/without.belay" >"$TMP/samples"
for text in 'part_2_x	k' 'child	x'; do expect_text "$TMP/samples" "$text"; done
for text in part_1 '	part	' seen; do expect_no_text "$TMP/samples" "$text"; done
expect_exit 0 "$BELAY" backup -d "$DATABASE" -f "$TMP/schema.belay" --verify none -s
[ -z "$(item "$TMP/schema.belay")" ] || fail 'a schema holds samples'
"$BELAY" inspect "$TMP/schema.belay" >"$TMP/stdout"
expect_no_text "$TMP/stdout" statistics

# Damage in them is damage, also for a restore that would not take them in.
member=data/$(item "$TMP/a.belay")/0.copy.zst
block=$(tar --list --block-number -f "$TMP/a.belay" | sed -n "s|^block \([0-9]*\): $member\$|\1|p")
cp "$TMP/a.belay" "$TMP/b.belay"
printf '\x55' | dd of="$TMP/b.belay" bs=1 seek=$((block * 512 + 512 + 40)) conv=notrunc status=none
expect_error 4 "$member" "$BELAY" verify "$TMP/b.belay"
expect_error 4 "$member" "$BELAY" restore - -d "${DATABASE}_d" --create <"$TMP/b.belay"
expect_error 4 "$member" "$BELAY" restore - -d "${DATABASE}_d" --create -n '*' <"$TMP/b.belay"

# An older server refuses the newer one's archive, as ever.
if [ -n "${old:-}" ]; then
  expect_error 8 'older than the one' env PGHOST="$old" "$BELAY" restore "$TMP/a.belay" -d "${DATABASE}_d" --create
fi

# Whoever may add rows, but not maintain the table, is told so, and his rows are there.
new_database
music=$DATABASE
psql -d "$DATABASE" -c 'create table song (a int primary key, b text)' -c "insert into song select g, 'b' from generate_series(1, 9) g" -c 'analyze song'
expect_exit 0 "$BELAY" backup -d "$DATABASE" -f "$TMP/a.belay" --verify none
new_role login
psql -d "$DATABASE" -c 'truncate song' -c "select pg_clear_attribute_stats('public', 'song', 'b', false)" -c "grant select, insert on song to $ROLE" >"$TMP/cleared"
expect_exit 0 "$BELAY" restore "$TMP/a.belay" -d "dbname=$DATABASE user=$ROLE" --in-place -a
expect_text "$TMP/stderr" 'statistics of column b of public.song: not taken in: '
expect_text "$TMP/stderr" 'permission denied'
[ "$(query "$DATABASE" 'select count(*) from song')" = 9 ] || fail 'the rows are gone'
[ "$(query "$DATABASE" "select count(*) from pg_stats where tablename = 'song' and attname = 'b'")" = 0 ] || fail 'taken in'

# A rollback that has to restore first analyzes only what came without.
query "$music" 'create table late as select 1 as x' >/dev/null
expect_exit 0 "$BELAY" backup -d "$music" --json
archive=$(find "$BELAY_REPO/$music" -name '*.belay')
expect_exit 0 "$BELAY" rollback -d "$music" "$archive"
at_exit drop_made "$music"
analyzed=$(query "$music" 'select relname from pg_stat_user_tables where last_analyze is not null')
[ "$analyzed" = late ] || fail "analyzed: $analyzed"
[ "$(query "$music" "select count(*) from pg_stats where tablename in ('song', 'late')")" -ge 2 ] || fail 'no statistics'
