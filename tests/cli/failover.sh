#!/usr/bin/env bash
# A standby: not to be migrated; and promoted while a migration runs.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"
# shellcheck source=tests/cli/alembic.inc
source "$(dirname "$0")/alembic.inc"

# Two servers of their own: the primary from testdb, the standby beside it.
first=/tmp/belay-first-$$
second=$first/second
"$SOURCE/scripts/testdb" start --fresh --dir "$first"
at_exit "$SOURCE/scripts/testdb" stop --dir "$first"
account=()
[ "$(id -u)" != 0 ] || account=(setpriv "--reuid=$(stat -c %u "$first")" "--regid=$(stat -c %g "$first")" --clear-groups)
as_server() { (cd "$first" && exec "${account[@]}" "$@" </dev/null >"$TMP/server.log" 2>&1); }
as_server mkdir -m 0700 "$second"
export PGHOST=$first
as_server "$PG_BINDIR/pg_basebackup" --no-sync -D "$second/data" -R -c fast -h "$first" -U "$PGUSER"
as_server "$PG_BINDIR/pg_ctl" -D "$second/data" -o "-c unix_socket_directories=$second" -w start
at_exit as_server "$PG_BINDIR/pg_ctl" -D "$second/data" -m immediate stop

psql -d postgres -c 'create database app'
query app 'create table t (i int primary key); insert into t select generate_series(1, 100)' >/dev/null
replayed() { [ "$(query app 'select count(*) from pg_stat_replication where replay_lsn >= pg_current_wal_lsn()')" = 1 ]; }
wait_for 20 replayed
expect_failure 17 'this server is a standby' "$BELAY" migrate -h "$second" -d app -- true

# The primary is lost when the command has committed; the standby takes its place.
cat >"$TMP/fail_over" <<SH
set -e
"$PG_BINDIR/psql" -Xq -d app -c "create table half (i int)"
until [ "\$("$PG_BINDIR/psql" -XAtq -d app -c "select count(*) from pg_stat_replication where replay_lsn >= pg_current_wal_lsn()")" = 1 ]; do sleep 0.05; done
cd "$first"
${account[*]} "$PG_BINDIR/pg_ctl" -D "$first/data" -m immediate -w stop >/dev/null
${account[*]} "$PG_BINDIR/pg_ctl" -D "$second/data" -w promote >/dev/null
sleep 60
SH
export PGHOST=$first,$second PGTARGETSESSIONATTRS=read-write
expect_failure 21 'the server was restarted, or failed over; the schema has changed' "$BELAY" migrate -d app --keep-copy 0 -- sh "$TMP/fail_over"
expect_failure 18 'left the database changed' "$BELAY" migrate -d app --keep-copy 0 -- sh "$TMP/fail_over"
expect_exit 0 "$BELAY" release -d app --reason 'looked at'
expect_exit 0 "$BELAY" migrate -d app --keep-copy 0 --json -- true
expect_json "$TMP/stdout" '{archive,level}' compared
"$BELAY" runs -d app --json >"$TMP/runs"
grep -q '"outcome": "open"' "$TMP/runs" && fail 'a run was left open'
true
