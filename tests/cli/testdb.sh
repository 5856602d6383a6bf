#!/usr/bin/env bash
# scripts/testdb touches nothing that is not its own.
# shellcheck source=tests/cli/common.inc
source "$(dirname "${BASH_SOURCE[0]}")/common.inc"

testdb=$SOURCE/scripts/testdb
chmod 0755 "$TMP"  # the server's account must reach it
dir=$TMP/db
at_exit "$testdb" stop --dir "$dir"

expect_exit 1 "$testdb" status --dir "$dir"
expect_exit 0 "$testdb" start --dir "$dir" --port 7654 --tcp
expect_exit 0 "$testdb" status --dir "$dir"
[ "$(stat -c %a "$dir")" = 700 ] || fail "the directory is not private"
eval "$("$testdb" env --dir "$dir" --port 7654)"
[ "$(query postgres 'show listen_addresses')" = 127.0.0.1 ] || fail "no loopback address"
[ "$(query postgres 'select rolsuper from pg_roles where rolname = current_user')" = t ] ||
  fail "not a superuser"

expect_exit 1 "$testdb" start --dir "$dir"
expect_text "$TMP/stderr" 'runs in'
query postgres 'create table t ()'
echo "work_mem = '5MB'" >"$TMP/settings"
expect_exit 0 "$testdb" start --fresh --dir "$dir" --port 7654 --config "$TMP/settings"
[ "$(query postgres 'show work_mem')" = 5MB ] || fail "not with these settings"
[ "$(query postgres "select count(*) from pg_class where relname = 't'")" = 0 ] || fail "not fresh"

# Whoever needs a password is asked for it.
query postgres "create role belay_test_login login password 'right' in role belay_password"
expect_exit 0 env PGPASSWORD=right "$PG_BINDIR/psql" -X -U belay_test_login -d postgres -c 'select 1'
expect_exit 2 env PGPASSWORD=wrong "$PG_BINDIR/psql" -X -U belay_test_login -d postgres -c 'select 1'

pid=$(head -n 1 "$dir/data/postmaster.pid")
expect_exit 0 "$testdb" stop --dir "$dir"
[ ! -e "$dir" ] || fail "the directory is left"
! readlink "/proc/$pid/cwd" || fail "the server is left"
expect_exit 0 "$testdb" stop --dir "$dir"

# A directory of somebody else, with a pid file that names a process of somebody else.
mkdir -p "$dir/data"
echo $$ >"$dir/data/postmaster.pid"
expect_exit 1 "$testdb" status --dir "$dir"
expect_exit 1 "$testdb" stop --dir "$dir"
expect_text "$TMP/stderr" 'not removed'
[ -e "$dir/data/postmaster.pid" ] || fail "removed what is not its own"
AT_EXIT=()
