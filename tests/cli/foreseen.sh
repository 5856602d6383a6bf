#!/usr/bin/env bash
# Failures of docs/gate.md that no other test is about, each named after its row there.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"
# shellcheck source=tests/cli/alembic.inc
source "$(dirname "$0")/alembic.inc"

new_database
database=$DATABASE
# Enough that a backup of it does not fit into a pipe.
psql -d "$database" <<'SQL'
create table public.users (id serial primary key, name text);
insert into public.users (name)
  select string_agg(md5((i * 100 + j)::text), '') from generate_series(1, 2000) i, generate_series(1, 50) j group by i;
SQL
ran() { "$BELAY" migrate -d "$database" --keep-copy 0 "$@"; }
archives() { find "$BELAY_REPO" -name '*.belay*' 2>/dev/null | wc -l; }
# not_run STATUS TEXT OPTION...: refused, and the command has not begun.
not_run() {
  local status=$1 text=$2
  shift 2
  rm -f "$TMP/began"
  expect_failure "$status" "$text" ran "$@" -- touch "$TMP/began"
  [ ! -e "$TMP/began" ] || fail 'the command began'
}

row_3_another_run_takes_longer() {
  local other
  ran -- sh -c "touch '$TMP/runs'; until [ -e '$TMP/enough' ]; do sleep 0.05; done" >"$TMP/other" 2>&1 &
  other=$!
  wait_for 30 test -e "$TMP/runs"
  not_run 20 "database $database" --wait 300ms
  grep -q 'process [0-9]* (belay migrate).*, connected since' "$TMP/three" || fail 'the holder is not named'
  expect_text "$TMP/three" 'retry: safe'
  touch "$TMP/enough"
  wait "$other" || { cat "$TMP/other" >&2; fail 'the other run was harmed'; }
}

locked_by_a_backup() {
  [ "$(query "$database" "select count(*) from pg_locks where locktype = 'advisory' and mode = 'ShareLock' and granted
    and classid = x'62656C61'::int and database = (select oid from pg_database where datname = '$database')")" = 1 ]
}
row_6_a_scheduled_backup_is_running() {
  local backup
  mkfifo "$TMP/pipe"
  exec {pipe}<>"$TMP/pipe"
  "$BELAY" backup -q -d "$database" -f - >"$TMP/pipe" 2>"$TMP/other" &
  backup=$!
  wait_for 30 locked_by_a_backup
  not_run 20 "database $database" --wait 300ms
  expect_text "$TMP/three" '(belay backup'
  cat "$TMP/pipe" >"$TMP/cron.belay" {pipe}>&- &
  exec {pipe}>&-
  wait "$backup" || { cat "$TMP/other" >&2; fail 'the backup was harmed'; }
  wait $!
  expect_exit 0 "$BELAY" verify -q "$TMP/cron.belay"
}

row_7_the_backup_fails() {
  local before
  before=$(archives)
  # Nothing larger than 64 KB can be written.
  trap '' XFSZ
  (ulimit -f 64 && not_run 10 'File too large')
  trap - XFSZ
  [ "$(archives)" = "$before" ] || fail 'part of an archive got a name'
  [ "$(query "$database" 'select count(*) from users')" = 2000 ] || fail 'rows were lost'
  # A repository that cannot be written, a disk that is full: what is there stays as it is.
  mkdir "$TMP/disk"
  mount -t tmpfs -o size=1m tmpfs "$TMP/disk" 2>/dev/null || { echo "no tmpfs here: neither a full nor a read-only disk was tried"; return; }
  at_exit umount "$TMP/disk"
  not_run 10 'No space left' --repo "$TMP/disk/repository"
  [ -z "$(find "$TMP/disk" -name '*.belay*')" ] || fail 'part of an archive got a name'
  rm -rf "$TMP/disk/repository"
  mount -o remount,ro "$TMP/disk"
  not_run 10 'Read-only file system' --repo "$TMP/disk/repository"
}

# Only in the database of a drill: a check that fails, a query that has another answer.
row_10_the_drill_finds() {
  query "$database" "create function public.drilled() returns boolean language sql stable as
    \$\$ select pg_catalog.current_database() ~ '__belay_drill_' \$\$" >/dev/null
  query "$database" 'create view public.what as select 1 as i' >/dev/null
  query "$database" "create function public.meddle() returns int language plpgsql as \$\$
    begin if public.drilled() then update public.users set name = 'other' where id = 7; end if; return 0; end \$\$" >/dev/null
  query "$database" 'create materialized view public.last as select public.meddle()' >/dev/null
  not_run 12 'public.users'
  query "$database" "create or replace function public.meddle() returns int language plpgsql as \$\$
    begin if public.drilled() then perform 1 / 0; end if; return 0; end \$\$" >/dev/null
  not_run 12 'division by zero'
  query "$database" 'drop materialized view public.last; drop function public.meddle, public.drilled' >/dev/null
}

# Whether the command fails or swallows it. One that was there before is not this run's, and told.
row_25_an_invalid_index_is_left() {
  alembic_project "$database"
  query "$database" 'create table public.twice (i int); insert into public.twice values (1), (1)' >/dev/null
  revision r1 '' <<'PY'
with op.get_context().autocommit_block():
    try:
        op.execute("create unique index concurrently once on public.twice (i)")
    except Exception:
        pass
PY
  expect_failure 33 'an index was left invalid: DROP INDEX CONCURRENTLY public.once' migrate --keep-copy 0
  grep -q 'belay rollback --run' "$TMP/three" || fail 'no way back is named'
  expect_failure 18 'is held' migrate
  expect_exit 0 "$BELAY" release -d "$database" --reason 'it is repeated'
  revision r2 r1 <<'PY'
with op.get_context().autocommit_block():
    op.execute("create unique index concurrently if not exists once on public.twice (i)")
PY
  expect_exit 0 migrate --gate off --reason "only the index matters"
  expect_text "$TMP/stdout" 'index public.once is invalid, as it was before: DROP INDEX CONCURRENTLY public.once'
  query "$database" 'drop index concurrently public.once' >/dev/null
  revision r3 r2 <<'PY'
with op.get_context().autocommit_block():
    op.execute("create unique index concurrently once on public.twice (i)")
PY
  expect_failure 31 "DROP INDEX CONCURRENTLY public.once" migrate --gate off --reason "only the index matters"
  query "$database" 'drop index concurrently public.once' >/dev/null
  expect_exit 0 "$BELAY" release -d "$database" --reason 'dropped'
}

row_31_retention_meets_a_run() {
  local archive
  expect_exit 0 ran --json -- true
  archive=$(json "$TMP/stdout" '{archive,path}')
  "$BELAY" backup -q -d "$database" --verify compared
  expect_exit 0 "$BELAY" prune -v --keep-last 1
  grep -F "$archive: the way back of run" "$TMP/stdout" >/dev/null || { cat "$TMP/stdout" >&2; fail 'not kept for the run'; }
  expect_exit 0 "$BELAY" verify -q "$archive"
}

row_43_what_belongs_to_the_server() {
  local made=foreseen_$$
  at_exit psql -d postgres -c "drop role if exists $made"
  at_exit psql -d postgres -c "drop database if exists $made"
  printf '%s\n' "create role $made;" "create database $made" >"$TMP/make.sql"
  expect_exit 0 ran --gate off --reason "a test" -- "$PG_BINDIR/psql" -Xq -d "$database" -f "$TMP/make.sql"
  expect_text "$TMP/stderr" "role $made was created meanwhile: a rollback does not take that back"
  expect_text "$TMP/stderr" "database $made was created meanwhile"
  expect_exit 0 ran --json --gate off --reason "a test" -- "$PG_BINDIR/psql" -Xq -d "$database" -c "drop role $made"
  json "$TMP/stdout" '{notes}' | grep -q "role $made was dropped meanwhile" || fail 'a role that is gone is not told'
  [ "$(query postgres "select count(*) from pg_roles where rolname = '$made'")" = 0 ] || fail 'the test has no effect'
}

# It is idle, so that only belay's own patience ends the run. Without it, and to a short one, nothing is said.
an_open_repeatable_read_transaction() {
  coproc reader { "$PG_BINDIR/psql" -X -q -d "$database"; }
  # shellcheck disable=SC2154
  echo 'begin isolation level repeatable read; select 1; \echo ready' >&"${reader[1]}"
  wait_for 30 eval "query '$database' \"select count(*) from pg_stat_activity where datname = '$database' and backend_xmin is not null and state = 'idle in transaction' and xact_start < clock_timestamp() - interval '1 second'\" | grep -q 1"
  not_run 20 'a transaction keeps its snapshot of the database open' --wait 300ms
  expect_text "$TMP/three" '(psql, idle in transaction, connected since'
  expect_text "$TMP/stdout" 'waiting for a transaction to end: process'
  query postgres "$(sed -n 's/.*\(SELECT pg_terminate_backend([0-9]*)\).*/\1/p' "$TMP/three")" >/dev/null
  exec {reader[1]}>&- {reader[0]}<&-
  wait "$reader_PID" || true
  expect_exit 0 ran -- true
  expect_no_text "$TMP/stdout" 'waiting for a transaction'
}

# Rewritten, or locked and forgotten: a deploy does not hang there.
a_locked_version_table() {
  psql -d "$database" -c 'create table public.alembic_version (version_num text primary key)'
  coproc holder { "$PG_BINDIR/psql" -X -q -d "$database"; }
  # shellcheck disable=SC2154
  echo 'begin; lock table public.alembic_version;' >&"${holder[1]}"
  wait_for 30 eval "query '$database' \"select count(*) from pg_locks where relation = 'alembic_version'::regclass and granted\" | grep -q 1"
  not_run 20 'the version table is locked' --wait 300ms
  expect_text "$TMP/three" 'retry: safe'
  exec {holder[1]}>&- {holder[0]}<&-
  wait "$holder_PID" || true
  psql -d "$database" -c 'drop table public.alembic_version'
}

for row in $(declare -F | sed -n 's/^declare -f \(row_.*\|an_open_.*\|a_locked_.*\)/\1/p'); do
  began=$SECONDS
  "$row"
  echo "$row: $((SECONDS - began)) s"
done
