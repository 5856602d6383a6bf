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

for row in $(declare -F | sed -n 's/^declare -f \(row_.*\)/\1/p'); do
  began=$SECONDS
  "$row"
  echo "$row: $((SECONDS - began)) s"
done
