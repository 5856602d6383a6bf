#!/usr/bin/env bash
# After a migration: the schema that is expected, taking it back without asking, and the rows that only the
# failed database holds.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"
# shellcheck source=tests/cli/alembic.inc
source "$(dirname "$0")/alembic.inc"

new_database
ran() { "$BELAY" migrate -d "$DATABASE" "$@"; }
psql_in() { echo "$PG_BINDIR/psql -Xqd $DATABASE -c"; }
query "$DATABASE" 'create table users (id int primary key, name text, upper text generated always as (upper(name)) stored);
  create table log (line text)' >/dev/null
query "$DATABASE" "insert into users select i, 'user ' || i from generate_series(1, 20) i" >/dev/null

# --check FILE: tables and columns are counted, and a difference or nothing to count is 33.
"$BELAY" schema -d "$DATABASE" -f "$TMP/good.sql"
"$BELAY" schema -d "$DATABASE" --format json -f "$TMP/good.json"
for file in "$TMP/good.sql" "$TMP/good.json"; do
  expect_exit 0 ran --keep-copy 0 --check "$file" -- true
  expect_text "$TMP/stdout" 'as expected: 2 tables, 4 columns'
  expect_failure 33 'the schema is not the expected one' ran --keep-copy 0 --check "$file" -- $(psql_in) 'create table more (i int)'
  expect_exit 0 "$BELAY" release -d "$DATABASE" --reason 'tried'
  query "$DATABASE" 'drop table more' >/dev/null
done
expect_failure 33 'the schema could not be checked' ran --keep-copy 0 --check "$TMP/none" -- true
grown=$DATABASE
new_database
"$BELAY" schema -d "$DATABASE" -f "$TMP/empty.sql"
expect_failure 33 'there is no table in it' ran --keep-copy 0 --check "$TMP/empty.sql" -- true
DATABASE=$grown

# Taken back without asking where nobody else was there.
failing() { # a command that commits, takes its time, and fails
  ran "$@" -- sh -c "$PG_BINDIR/psql -Xqd $DATABASE -c 'create table half (i int)' -c \"insert into users values (100, 'by the migration')\" && sleep 0.5; exit 1"
}
expect_failure 40 'rolled back: the database is what it was' failing --on-failure rollback-if-clean
[ "$(query "$DATABASE" 'select count(*) from users')" = 20 ] || fail 'not taken back'
[ -z "$(query "$DATABASE" "select to_regclass('half')")" ] || fail 'not taken back'
expect_failure 18 'was rolled back' failing --on-failure rollback-if-clean
expect_exit 0 "$BELAY" release -d "$DATABASE" --reason 'again'
# Somebody is connected: a person decides, unless a person said that nobody writes.
psql -d "$DATABASE" -c 'select pg_sleep(60)' >/dev/null 2>&1 &
at_exit kill $!
sleeps() { [ "$(query postgres "select count(*) from pg_stat_activity where query = 'select pg_sleep(60)' and datname = '$DATABASE'")" = 1 ]; }
wait_for 10 sleeps
expect_failure 31 'not rolled back: others were connected' failing --on-failure rollback-if-clean
expect_exit 0 "$BELAY" rollback -d "$DATABASE"
expect_exit 0 "$BELAY" release -d "$DATABASE" --reason 'again'
psql -d "$DATABASE" -c 'select pg_sleep(60)' >/dev/null 2>&1 &
at_exit kill $!
wait_for 10 sleeps
expect_exit 40 failing --on-failure rollback-if-clean --writes-stopped --json
expect_json "$TMP/stdout" '{failure,kind}' rolled_back
grep -rq 'writes-stopped says' "$BELAY_REPO/journal" || fail 'that nobody writes is not in the journal'
expect_exit 0 "$BELAY" release -d "$DATABASE" --reason 'again'

# The rows that only the failed database holds come back with the command that is told.
expect_failure 31 'the schema has changed' failing
query "$DATABASE" "insert into users values (101, 'with \"quotes\", commas' || chr(10) || 'and lines'), (102, null);
  update users set name = 'changed' where id = 1; insert into log values ('line')" >/dev/null
expect_exit 0 "$BELAY" rollback -d "$DATABASE"
expect_exit 0 "$BELAY" rescue -d "$DATABASE" --table users -f "$TMP/users.csv" --json
expect_json "$TMP/stdout" '{rows}' 3
expect_exit 0 "$BELAY" rescue -d "$DATABASE" --table public.users -f "$TMP/users.csv"
load=$(sed -n 's/^next: //p' "$TMP/stdout")
psql -d "$DATABASE" -c "$load"
[ "$(query "$DATABASE" "select string_agg(id || ':' || coalesce(upper, '-'), ',' order by id) from users where id > 20" | tr '\n' '/')" = '100:BY THE MIGRATION,101:WITH "QUOTES", COMMAS/AND LINES,102:-/' ] || fail 'not the rows that were lost'
expect_exit 0 "$BELAY" rescue -d "$DATABASE" --table users --format text
[ ! -s "$TMP/stdout" ] || fail 'rows that are on both sides'
expect_text "$TMP/stderr" 'rescued: 0 rows'
# A table that is not there any more is written whole; one without a key is refused.
expect_exit 0 "$BELAY" rescue -d "$DATABASE" --table half
[ "$(cat "$TMP/stdout")" = i ] || fail 'not the table that only the failed database has'
expect_error 2 'rows cannot be told apart' "$BELAY" rescue -d "$DATABASE" --table log
expect_error 2 'no such table' "$BELAY" rescue -d "$DATABASE" --table nothing
expect_error 2 'no table named' "$BELAY" rescue -d "$DATABASE"
kept=$(query postgres "select datname from pg_database where datname like '$DATABASE\_\_belay\_failed\_%' order by oid")
for name in $kept; do query postgres "drop database \"$name\" with (force)" >/dev/null; done
expect_error 41 'the failed database is gone' "$BELAY" rescue -d "$DATABASE" --table users
