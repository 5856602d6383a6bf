#!/usr/bin/env bash
# PgBouncer between belay and the server: refused where it lends sessions by the transaction or the
# statement; in session mode everything works.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"
# shellcheck source=tests/cli/alembic.inc
source "$(dirname "$0")/alembic.inc"

PATH=$PATH:/usr/sbin
command -v pgbouncer >/dev/null || skip 'PgBouncer is not installed (Debian: pgbouncer)'
pools=$(mktemp -d /tmp/belay-pools.XXXXXX)
at_exit rm -rf "$pools"
# It refuses to run as root, and must reach the server's socket.
account=()
if [ "$(id -u)" = 0 ]; then
  owner=$(stat -c %U "$PGHOST")
  account=(setpriv "--reuid=$owner" "--regid=$(id -g "$owner")" --clear-groups)
  chmod 0755 "$pools"
fi
# pool MODE PORT [ROLE]
pool() {
  cat >"$pools/$2.ini" <<INI
[databases]
* = host=$PGHOST port=$PGPORT user=${3:-$PGUSER}
[pgbouncer]
pool_mode = $1
listen_port = $2
listen_addr =
unix_socket_dir = $pools
auth_type = any
INI
  [ ${#account[@]} = 0 ] || chown -R "$owner" "$pools"
  "${account[@]}" pgbouncer -q "$pools/$2.ini" >"$TMP/$2.log" 2>&1 &
  at_exit kill $!
  wait_for 10 test -S "$pools/.s.PGSQL.$2"
}
pool transaction 6001
pool statement 6002
pool session 6003

new_database
alembic_project "$DATABASE"
revision r1 '' <<<'op.execute("create table public.users (id serial primary key, name text)")'
through() { # PORT COMMAND...
  local port=$1
  shift
  (export PGHOST=$pools PGPORT=$port && "$@")
}

for port in 6001 6002; do
  expect_failure 17 'a pooler lends sessions for one transaction only' through $port migrate
  expect_error 17 'a pooler lends sessions for one transaction only' through $port "$BELAY" backup -d "$DATABASE"
done
grep -q 'pool in session mode' "$TMP/error" || fail 'no way out is named'
# Others use the pool, too, and hold what it lent last.
through 6001 psql -d "$DATABASE" -c 'begin; select pg_sleep(20)' >/dev/null 2>&1 &
at_exit kill $!
wait_for 10 eval '[ "$(query postgres "select count(*) from pg_stat_activity where query like '"'%pg_sleep(20)%'"' and pid <> pg_backend_pid()")" = 1 ]'
expect_failure 17 'a pooler lends sessions for one transaction only' through 6001 migrate
# The command alone goes through it.
expect_failure 17 'a pooler lends sessions for one transaction only' env DATABASE_URL= \
  bash -c "cd '$PROJECT' && sed -i 's|:///|://$PGUSER@/|; s|\(psycopg2:.*\)|\1?host=$pools\&port=6001|' alembic.ini && '$BELAY' migrate -d 'host=$PGHOST port=$PGPORT dbname=$DATABASE' -- /usr/bin/alembic upgrade head"
[ ! -e "$BELAY_REPO" ] || fail 'something was written'
alembic_project "$DATABASE"
revision r1 '' <<<'op.execute("create table public.users (id serial primary key, name text)")'

# In session mode: a run with its drill and sealed copy, the way back, and back again.
expect_exit 0 through 6003 migrate
query "$DATABASE" "insert into users (name) values ('one')" >/dev/null
revision r2 r1 <<<'op.execute("drop table public.users")'
expect_exit 0 through 6003 migrate --json
expect_json "$TMP/stdout" '{archive,level}' compared
expect_exit 0 through 6003 "$BELAY" rollback -d "$DATABASE" --json
expect_json "$TMP/stdout" '{from_sealed_copy}' true
[ "$(query "$DATABASE" 'select name from users')" = one ] || fail 'not taken back'
expect_failure 18 'was rolled back' through 6003 migrate
expect_exit 0 through 6003 "$BELAY" rollback -d "$DATABASE" --undo
[ "$(version_of "$DATABASE")" = r2 ] || fail 'not undone'
expect_exit 0 through 6003 "$BELAY" gc -d "$DATABASE" --failed
expect_exit 0 through 6003 "$BELAY" backup -d "$DATABASE" --verify compared

# A pool keeps the command's session, and a session that goes on tells late what it has written. The role cannot turn the
# counting off, so the counters decide: not before all have told.
new_role login createdb
new_database owner "$ROLE"
PGUSER=$ROLE query "$DATABASE" "create table users (id int primary key, name text);
  insert into users select i, 'user ' || i from generate_series(1, 100) i" >/dev/null
pool session 6004 "$ROLE"
cat >"$TMP/changes.py" <<PY
import sys, psycopg2
connection = psycopg2.connect("dbname=$DATABASE")
connection.autocommit = True
ask = connection.cursor()
ask.execute("update users set name = name where id = 1")
ask.execute("update users set name = 'lost'")
sys.exit(1)
PY
status=0
through 6004 env PGUSER="$ROLE" "$BELAY" migrate -d "$DATABASE" --keep-copy 0 -- /usr/bin/python3 "$TMP/changes.py" >"$TMP/stdout" 2>"$TMP/stderr" || status=$?
case $status in
  31) expect_text "$TMP/stderr" 'rows have changed' ;;  # the pool lent belay that very session
  30) expect_text "$TMP/stderr" 'that no row changed is not proved'
    expect_text "$TMP/stderr" 'next: belay compare' ;;
  *) cat "$TMP/stderr" >&2; fail "exit status $status" ;;
esac
[ "$(query "$DATABASE" "select count(*) from users where name = 'lost'")" = 100 ] || fail 'the test has no effect'
