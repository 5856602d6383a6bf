#!/usr/bin/env bash
# What comes in the way of a swap after everything was looked at: a role that would make a grant as somebody else,
# a session that cannot be ended, a superuser's. Each is named, nothing is changed, and --resume finishes once it is mended.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"

/usr/bin/python3 -c 'import psycopg2' 2>/dev/null || skip 'psycopg2 is not installed (Debian: python3-psycopg2)'
superuser=$PGUSER
new_role login createdb
owner=$ROLE
new_role
passes_on=$ROLE
new_role
guest=$ROLE
new_database owner "$owner"
database=$DATABASE
at_exit export PGUSER="$superuser"
export PGUSER=$owner
as_superuser() { PGUSER=$superuser "$@"; }
query "$database" "create table which (mark text); insert into which values ('before')" >/dev/null
expect_exit 0 "$BELAY" backup -d "$database" --verify compared --keep-copy 1h --json
archive=$(json "$TMP/stdout" '{backups,0,archive}')
query "$database" "update which set mark = 'after'" >/dev/null

belongings() {
  query postgres "select oid, pg_get_userbyid(datdba), datallowconn, datconnlimit, datacl,
    (select setconfig from pg_db_role_setting where setdatabase = d.oid and setrole = 0) from pg_database d where datname = '$database'"
}
# session NAME: one in the database, in ${SESSION[NAME]}; it does what say NAME SQL says.
declare -A SESSION=() TO=()
session() {
  local descriptor
  rm -f "$TMP/$1"
  mkfifo "$TMP/$1"
  PGAPPNAME=$1 "$PG_BINDIR/psql" -XqAt -d "$database" <"$TMP/$1" >"$TMP/$1.out" 2>&1 &
  exec {descriptor}>"$TMP/$1"
  TO[$1]=$descriptor
  say "$1" 'select pg_backend_pid()'
  SESSION[$1]=$(cat "$TMP/$1.out")
}
say() {
  : >"$TMP/$1.out"
  echo "$2;" >&"${TO[$1]}"
  wait_for 30 grep -q . "$TMP/$1.out"
}
# begun WORD...: a rollback that has looked at everything, and waits for a lock that is held until it is stopped().
begun() {
  local polls="select count(*) = 1 from pg_stat_activity where datname = '$database' and application_name = 'belay rollback'"
  session holder
  say holder "select 'held' from pg_advisory_lock_shared(1650814049, 1)"
  "$@" >"$TMP/rollback" 2>&1 &
  ROLLBACK=$!
  wait_for 30 eval "[ \"\$(as_superuser query postgres \"\$polls\")\" = t ]"
}
# stopped TEXT...: it is let go on, ends with 41 and says so; the database is the one it was, with what belongs to it.
stopped() {
  local status=0 text
  echo '\q' >&"${TO[holder]}"
  wait "$ROLLBACK" || status=$?
  [ $status = 41 ] || { cat "$TMP/rollback" >&2; fail "exit status $status instead of 41"; }
  for text in "$@" 'nothing was changed' 'belay rollback --resume'; do expect_text "$TMP/rollback" "$text"; done
  is after
}
is() {
  [ "$(query "$database" 'select mark from which')" = "$1" ] || fail "the database is not the one of '$1'"
  [ "$1" = before ] || [ "$(belongings)" = "$before" ] || { belongings >&2; fail "not as it was: $before"; }
}
seal() { expect_exit 0 "$BELAY" verify "$archive" --level compared -d "$database" --keep-copy 1h; }
resumed() {
  expect_exit 0 "$BELAY" rollback -d "$database" --resume
  is before
  expect_exit 0 "$BELAY" rollback -d "$database" --undo
  is after
}

# Who had passed a right on has become a superuser meanwhile: repeated, the grant would be the owner's.
as_superuser query postgres "grant connect on database $database to $passes_on with grant option; grant $passes_on to $owner;
  alter database $database set work_mem to '5MB'; set role $passes_on; grant connect on database $database to $guest" >/dev/null
before=$(belongings)
begun "$BELAY" rollback -d "$database" "$archive"
as_superuser query postgres "alter role $passes_on superuser" >/dev/null
stopped 'what belonged to the database could not be taken over' "CONNECT for $guest, granted by $passes_on"
expect_error 17 "$passes_on is a superuser" "$BELAY" rollback -d "$database" --resume
as_superuser query postgres "alter role $passes_on nosuperuser" >/dev/null
resumed

# A superuser's session, which came after that was looked at.
expect_exit 0 "$BELAY" gc -d "$database" --failed
seal
begun "$BELAY" rollback -d "$database" "$archive"
export PGUSER=$superuser
session clerk
export PGUSER=$owner
stopped 'a session in the database may not be ended' "process ${SESSION[clerk]} (role $superuser" "SELECT pg_terminate_backend(${SESSION[clerk]})"
as_superuser query postgres "select pg_terminate_backend(${SESSION[clerk]})" >/dev/null
resumed

# A session that is told to end and does not: it hangs in the kernel, say.
expect_exit 0 "$BELAY" gc -d "$database" --failed
seal
session clerk
go_on() { kill -CONT "${SESSION[clerk]}"; }
at_exit go_on
kill -STOP "${SESSION[clerk]}"
begun "$BELAY" rollback -d "$database" "$archive"
stopped 'a session in the database does not end' "process ${SESSION[clerk]} (role $owner, clerk, idle)"
go_on
resumed

# Settings that are made meanwhile wait behind the rename for the database that is renamed away: it is said.
expect_exit 0 "$BELAY" gc -d "$database" --failed
seal
session clerk
kill -STOP "${SESSION[clerk]}"
"$BELAY" rollback -d "$database" "$archive" >"$TMP/rollback" 2>&1 &
ROLLBACK=$!
wait_for 30 eval '[ "$(query postgres "select count(*) from pg_stat_activity where query like '"'ALTER DATABASE%RENAME%'"'")" = 1 ]'
psql -d postgres -c "alter database $database set work_mem to '6MB'" &
altering=$!
wait_for 4 eval '[ "$(query postgres "select count(*) from pg_locks where mode = '"'AccessShareLock'"' and not granted and locktype = '"'object'"'")" = 1 ]'
go_on
wait "$ROLLBACK" || { cat "$TMP/rollback" >&2; fail 'not rolled back'; }
wait "$altering"
expect_text "$TMP/rollback" 'work_mem was set while the names were exchanged'
is before
expect_exit 0 "$BELAY" rollback -d "$database" --undo
is after

# Sessions that come back at once, and pass the limit of connections: they wait in the queue behind the rename.
expect_exit 0 "$BELAY" gc -d "$database" --failed
seal
as_superuser query postgres "alter database $database connection limit 0" >/dev/null
before=$(belongings)
export PGUSER=$superuser
/usr/bin/python3 - "$database" >"$TMP/workers" <<'PY' &
import sys, threading, time, psycopg2
ended = 0
def work():
    global ended
    while True:
        try:
            connection = psycopg2.connect(dbname=sys.argv[1], application_name="worker")
            connection.autocommit = True
            ask = connection.cursor()
            while True:
                ask.execute("select pg_sleep(600)")
        except psycopg2.Error as error:
            ended += 1
            print(str(error).split("\n")[0], flush=True)
for _ in range(8):
    threading.Thread(target=work, daemon=True).start()
time.sleep(120)
PY
workers=$!
end_workers() { kill "$workers"; }
at_exit end_workers
at_work() { [ "$(query postgres "select count(*) from pg_stat_activity where datname = '$database' and application_name = 'worker'")" = 8 ]; }
wait_for 30 at_work
expect_exit 0 "$BELAY" rollback -d "$database" "$archive" --json
expect_json "$TMP/stdout" '{sessions_ended}' 8
wait_for 30 at_work
end_workers
[ "$(wc -l <"$TMP/workers")" -le 16 ] || { sort "$TMP/workers" | uniq -c >&2; fail 'they came through to the old database'; }
