#!/usr/bin/env bash
# Servers that have the same system identifier and the same OIDs: a clone is refused, a failover is
# noticed, a server that was taken back is refused. All of them real.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"
# shellcheck source=tests/cli/alembic.inc
source "$(dirname "$0")/alembic.inc"

[ -x "$PG_BINDIR/pg_basebackup" ] || skip "there is no pg_basebackup in $PG_BINDIR"
[ "$("$PG_BINDIR/pg_basebackup" --version | grep -oE '[0-9]+' | head -n 1)" = $(($(query postgres 'show server_version_num') / 10000)) ] ||
  skip 'pg_basebackup is of another major than the server'

# The production server, from which the others come: a directory of data and socket of its own.
home=$(mktemp -d /tmp/belay-clone.XXXXXX)
production=$home/production
at_exit rm -rf "$home"
chmod 755 "$home"
at_exit "$SOURCE/scripts/testdb" stop --dir "$production"
"$SOURCE/scripts/testdb" start --dir "$production"
account=$(stat -c %U "$production/data")
# as COMMAND...: as the account of the server, which is not root.
as() {
  if [ "$(id -un)" = "$account" ]; then "$@"; else
    setpriv --reuid "$account" --regid "$(id -g "$account")" --clear-groups -- "$@"
  fi
}
on() { PGHOST=$home/$1 "${@:2}"; }
# started NAME, stopped NAME: the server whose data and socket are in $home/NAME.
stopped() { as "$PG_BINDIR/pg_ctl" -D "$home/$1/data" -m "${2:-fast}" -w stop >/dev/null; }
started() {
  (cd / && as "$PG_BINDIR/pg_ctl" -D "$home/$1/data" -l "$home/$1/server.log" -w -t 60 \
    -o "-c unix_socket_directories=$home/$1 -c hba_file=$production/pg_hba.conf" start </dev/null >/dev/null 2>&1) ||
    { tail -n 20 "$home/$1/server.log" >&2; fail "$1 does not start"; }
}
# copied NAME OPTION...: a physical copy of production, as it is now.
copied() {
  mkdir -m 0700 "$home/$1"
  chown "$account" "$home/$1"
  (cd / && PGHOST=$production as "$PG_BINDIR/pg_basebackup" -D "$home/$1/data" -c fast -X stream --no-sync "${@:2}")
  at_exit stopped "$1" immediate
}

DATABASE=app
on production query postgres 'create database app' >/dev/null
on production query app "create table public.users (id serial primary key, name text); insert into users (name) select 'user ' || i from generate_series(1, 100) i" >/dev/null
alembic_project app
revision r1 '' <<<'op.execute("alter table public.users add mail text")'
export BELAY_ENV=prod
backup() { on "$1" "$BELAY" backup -q -d app --verify compared; }
# refused NAME STATUS TEXT OPTION...: by gate and by migrate, and nothing was run.
refused() {
  local status=$2 text=$3 PGHOST=$home/$1
  shift 3
  expect_exit "$status" "$BELAY" gate -d app "$@"
  expect_text "$TMP/stderr" "$text"
  expect_failure "$status" "$text" migrate -d app "$@"
  [ "$(query app "select count(*) from pg_attribute where attrelid = 'users'::regclass and attname = 'mail'")" = 0 ] ||
    fail "a refused run migrated"
}
check() { json "$TMP/stdout" "{gate,checks,$1,verdict}"; }

# 1. A clone that was started before the backup was taken, and has written more than production since:
# identifier, OID, timeline and schema are the same, its WAL is further. It says that it is production.
copied old
copied staging
started staging
wait_for 20 eval '[ "$(on staging query postgres "select clock_timestamp() - pg_postmaster_start_time() > interval '"'6 s'"'")" = t ]'
backup production
on staging query app "insert into users (name) select 'x' from generate_series(1, 20000)" >/dev/null
expect_exit 13 on staging "$BELAY" gate --json -d app --gate require
for fact in 'select system_identifier from pg_control_system()' "select oid from pg_database where datname = 'app'" \
  'select pg_walfile_name(pg_current_wal_insert_lsn()) ~ $$^00000001$$'; do
  [ "$(on staging query app "$fact")" = "$(on production query app "$fact")" ] || fail 'the clone is not one'
done
refused staging 13 'not the server that the archive was taken from'
refused staging 13 'one is a clone of the other' --gate require
refused staging 13 'one is a clone of the other'
# Labelled as what it is, it does not see production's archives.
refused staging 11 'there is no backup' --gate require --env staging
expect_exit 0 on staging "$BELAY" gate --env staging -d app
# 2. The same clone, started again after that: its data directory shows it.
stopped staging
started staging
refused staging 13 'a clone, or it was moved'
refused staging 13 'a clone, or it was moved' --gate require
stopped staging

# 3. Production itself is not disturbed by any of that, nor by a restart.
expect_exit 0 on production "$BELAY" gate --json -d app --gate require
[ "$(check 2)" = pass ] || fail 'production is not taken for itself'
stopped production
started production
expect_exit 0 on production "$BELAY" gate --json -d app --gate require
[ "$(check 2)" = pass ] || fail 'production is not taken for itself after a restart'
expect_json "$TMP/stdout" '{gate,writes}' unknown

# 4. Production is taken back to the older copy, in its own place: what the archive has seen is gone.
stopped production
mv "$production/data" "$production/now"
as cp -a "$home/old/data" "$production/data"
started production
refused production 13 'gone back behind the archive'
refused production 13 'gone back behind the archive' --gate require
# It goes on, past what the archive has seen: only that it came up without its counters still shows it.
on production query app "insert into users (name) select repeat('x', 300) from generate_series(1, 20000)" >/dev/null
on production query app 'select pg_switch_wal()' >/dev/null
for _ in {1..500}; do echo 'select pg_current_xact_id();'; done | on production psql -d app >/dev/null
refused production 11 'taken back to an older copy and went on' --gate require
stopped production
rm -rf "$production/data"
mv "$production/now" "$production/data"
started production
expect_exit 0 on production "$BELAY" gate -d app --gate require

# 5. A standby is refused; promoted, it is a failover: not fresh, so a new snapshot.
copied standby -R
started standby
wait_for 30 on standby query app 'select 1 from users limit 1'
refused standby 17 'standby'
backup production
wait_for 30 eval '[ "$(on standby query app "select pg_last_wal_replay_lsn() >= '"'$(on production query app 'select pg_current_wal_insert_lsn()')'"'")" = t ]'
stopped production
on standby query postgres 'select pg_promote()' >/dev/null
refused standby 11 'failover: the server went from timeline 1 to 2' --gate require
expect_exit 0 on standby "$BELAY" gate --json -d app
expect_json "$TMP/stdout" '{gate,answer}' take
expect_json "$TMP/stdout" '{gate,checks,3,verdict}' fail
export PGHOST=$home/standby
before=$(find "$BELAY_REPO" -name '*.belay' | wc -l)
expect_exit 0 migrate -d app
[ "$(find "$BELAY_REPO" -name '*.belay' | wc -l)" = $((before + 1)) ] || fail 'no new snapshot after a failover'
[ "$(version_of app)" = r1 ] || fail 'r1 was not reached'
# 6. The old primary comes back: an older timeline than its archives'.
started production
expect_exit 13 on production "$BELAY" gate -d app
expect_text "$TMP/stderr" 'timeline'
