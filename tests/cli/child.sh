#!/usr/bin/env bash
# What the command of `migrate` may do to it: real programs, each with its exit status and three lines.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"
# shellcheck source=tests/cli/alembic.inc
source "$(dirname "$0")/alembic.inc"

new_database
query "$DATABASE" 'create table t (i int primary key); insert into t select generate_series(1, 100)' >/dev/null
# ran WORD...: belay migrate of a command that is no migration tool.
ran() { "$BELAY" migrate -d "$DATABASE" --keep-copy 0 "$@"; }
release() { expect_exit 0 "$BELAY" release -d "$DATABASE" --reason 'tried'; }
# program NAME: a script in Python of the standard input, with psycopg2.
program() {
  {
    echo 'import os, sys, time, psycopg2'
    cat
  } >"$TMP/$1.py"
}
run_python() { ran "${@:2}" -- /usr/bin/python3 "$TMP/$1.py"; }

# Exits with 0 and has committed nothing.
alembic_project "$DATABASE"
revision r1 '' <<<'op.execute("create table public.never (i int)")'
sed -i 's/        context.run_migrations()/        context.run_migrations()\n        connection.exec_driver_sql("rollback")/' "$PROJECT/migrations/env.py"
expect_failure 32 'instead of r1' migrate --keep-copy 0

# Exits with 1 and has committed.
program after <<PY
connection = psycopg2.connect("dbname=$DATABASE")
connection.cursor().execute("create table half (i int)")
connection.commit()
sys.exit(1)
PY
expect_failure 31 'the migration failed with exit status 1; the schema has changed' run_python after
expect_three_lines
grep -q 'belay rollback --run' "$TMP/three" || fail 'no way back is named'
release
query "$DATABASE" 'drop table half' >/dev/null

# Hangs; and hangs in the queue for somebody's lock: whose is told, at once and at the end.
expect_failure 34 'took too long' ran --timeout 500ms -- sleep 60
expect_three_lines
program queue <<PY
holder = psycopg2.connect("dbname=$DATABASE application_name='the report'")
holder.cursor().execute("lock table t")
psycopg2.connect("dbname=$DATABASE").cursor().execute("alter table t add j int")
PY
expect_failure 34 '(the report, idle in transaction' run_python queue --timeout 2s
grep -q 'waited too long for a lock of process' "$TMP/three" || fail 'it is not said for whom it waited'
expect_text "$TMP/stdout" 'the command waits for a lock of process'

# Below "nothing was changed" is proved by there being no commit at all.
without_autovacuum

# Waits in the queue for a lock: its session, which does not notice that it was stopped, is ended, or it
# would wait on, and everybody behind it.
mkfifo "$TMP/held"
PGAPPNAME=report psql -d "$DATABASE" <"$TMP/held" >/dev/null 2>&1 &
exec 7>"$TMP/held"
echo 'begin; select from t;' >&7
reported() { [ "$(query postgres "select count(*) from pg_stat_activity where application_name = 'report' and state = 'idle in transaction'")" = 1 ]; }
wait_for 10 reported
began=$SECONDS
expect_failure 34 'revision, schema and rows are as before' ran --timeout 1s -- "$PG_BINDIR/psql" -Xq -d "$DATABASE" -c 'alter table t add j int'
[ $((SECONDS - began)) -lt 25 ] || fail 'its session was waited for'
[ "$(query postgres "select count(*) from pg_stat_activity where application_name like 'belay/%'")" = 0 ] || fail 'its session waits on'
exec 7>&-
[ "$(query "$DATABASE" "select count(*) from information_schema.columns where table_name = 't'")" = 1 ] || fail 'it went on'

# Killed by the kernel, itself or below a shell.
expect_failure 34 'killed by signal 9 (Killed), perhaps out of memory' ran -- sh -c 'kill -KILL $$'
expect_three_lines
expect_failure 30 'exit status 137, perhaps out of memory' ran -- sh -c "sh -c 'kill -KILL \$\$'; exit \$?"

# Writes a gigabyte: it goes where belay's own output goes, and is kept nowhere.
measured() { # COMMAND...: says how many kilobytes the largest process had.
  /usr/bin/python3 -c 'import resource, subprocess, sys
status = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=open("'"$TMP"'/kilobytes", "w"))
sys.exit(status)' "$@"
}
for json in '' --json; do
  : >"$TMP/err"
  # shellcheck disable=SC2086
  measured "$BELAY" migrate -d "$DATABASE" --keep-copy 0 $json -- sh -c 'head -c 1000000000 /dev/zero; exit 3' 2> >(tail -c 2000 >"$TMP/err") | tail -c 2000 >"$TMP/out" || status=$?
  [ "$status" = 30 ] || { cat "$TMP/out" "$TMP/err" >&2; fail "exit status $status instead of 30"; }
  if [ -z "$json" ]; then
    wait_for 10 test -s "$TMP/err"
    cp "$TMP/err" "$TMP/stderr"
    expect_three_lines
  else
    grep -aq '"retry": "safe: nothing was changed"' "$TMP/out" || { cat "$TMP/out" >&2; fail 'not what is true'; }
  fi
  sanitized=$(ldd "$BELAY" | grep -cE 'lib[at]san' || true)
  [ "$sanitized" != 0 ] || [ "$(cat "$TMP/kilobytes")" -lt 100000 ] || fail "$(cat "$TMP/kilobytes") KB in memory"
done
[ "$(du -sk "$BELAY_REPO" | cut -f 1)" -lt 2000 ] || fail 'the output was kept'

# Leaves a daemon behind, with a session: belay does not wait for it, and names it.
program daemon <<PY
if os.fork() == 0:
    os.setsid()
    connection = psycopg2.connect("dbname=$DATABASE")
    print(os.getpid(), file=open("$TMP/daemon.pid", "w"), flush=True)
    time.sleep(60)
    os._exit(0)
while not os.path.exists("$TMP/daemon.pid"):
    time.sleep(0.05)
sys.exit(int(sys.argv[1]))
PY
daemon() { rm -f "$TMP/daemon.pid"; ran -- /usr/bin/python3 "$TMP/daemon.py" "$1"; }
end_daemon() { kill "$(cat "$TMP/daemon.pid")"; }
at_exit end_daemon
began=$SECONDS
expect_exit 0 daemon 0
expect_text "$TMP/stdout" 'note: the command has ended, and is still connected: process'
end_daemon
expect_failure 30 'the command is still connected: process' daemon 1
expect_three_lines
end_daemon
[ $((SECONDS - began)) -lt 25 ] || fail 'it was waited for'

# Takes belay's own advisory key, with a driver that does not tell its name.
program key <<PY
connection = psycopg2.connect("dbname=$DATABASE application_name=mine")
connection.cursor().execute("select pg_advisory_lock(1650814049, 1)")
PY
expect_failure 17 'waits for the advisory lock that belay holds' run_python key
expect_three_lines

# belay's own sessions are ended: the locks are taken again, or the command is stopped.
program cut <<PY
connection = psycopg2.connect("dbname=postgres application_name=mine")
connection.autocommit = True
ask = connection.cursor()
ask.execute("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'belay migrate'")
if len(sys.argv) > 1:
    connection = psycopg2.connect("dbname=$DATABASE application_name=mine")
    connection.autocommit = True
    ask = connection.cursor()
    taken = False
    while not taken:
        ask.execute("select pg_try_advisory_lock(1650814049, 1)")
        taken = ask.fetchone()[0]
    time.sleep(60)
ask.execute("select pg_sleep(2.5)")
PY
expect_exit 0 run_python cut
expect_failure 21 'its lock was lost' ran -- /usr/bin/python3 "$TMP/cut.py" taken

# belay is told to stop: so is the command.
program told <<PY
psycopg2.connect("dbname=$DATABASE").cursor().execute("select 1")
print(os.getppid(), file=open("$TMP/parent", "w"), flush=True)
time.sleep(60)
PY
stop_it() { wait_for 20 test -s "$TMP/parent"; kill -TERM "$(cat "$TMP/parent")"; }
stop_it &
expect_failure 34 'stopped by a signal' run_python told
expect_three_lines
wait $!

# belay is killed, and what its command had the server do goes on, of which the command, told to stop, will learn nothing: the
# next run ends its sessions, and judges it. Who has not its name is waited for, and named.
program orphan <<PY
connection = psycopg2.connect("dbname=$DATABASE")
connection.autocommit = True
if os.fork() == 0:
    ask = psycopg2.connect("dbname=postgres application_name=mine").cursor()
    asleep = 0
    while asleep != 1:
        ask.execute("select count(*) from pg_stat_activity where query = 'select pg_sleep(60)'")
        asleep = ask.fetchone()[0]
        ask.connection.rollback()
    os.kill(int(sys.argv[1]), 9)
    os._exit(0)
connection.cursor().execute("select pg_sleep(60)")
PY
query "$DATABASE" 'create table alembic_version (version_num varchar(32))' >/dev/null
expect_exit 137 ran -- sh -c "exec /usr/bin/python3 '$TMP/orphan.py' \$PPID"
mkfifo "$TMP/mine"
PGAPPNAME=mine psql -d "$DATABASE" <"$TMP/mine" >/dev/null 2>&1 &
exec 8>"$TMP/mine"
echo 'begin; lock table alembic_version in row exclusive mode;' >&8
in_transaction() { [ "$(query postgres "select count(*) from pg_stat_activity where application_name = 'mine' and state = 'idle in transaction'")" = 1 ]; }
wait_for 10 in_transaction
expect_failure 20 'a session still works on the version table' ran --wait 300ms -- true
expect_text "$TMP/stdout" 'its command still works in the database: process'
expect_text "$TMP/stdout" 'ended what its command had left at work'
pid=$(sed -n 's/.*pg_terminate_backend(\([0-9]*\)).*/\1/p' "$TMP/three")
[ "$(query postgres "select application_name from pg_stat_activity where pid = $pid")" = mine ] || fail 'another session is named'
[ "$(query postgres "select count(*) from pg_stat_activity where query = 'select pg_sleep(60)' and state = 'active'")" = 0 ] || fail 'it was not ended'
exec 8>&-
expect_exit 0 ran -- true
expect_text "$TMP/stdout" 'killed; nothing was changed'
expect_no_text "$TMP/stdout" 'ended what'

"$BELAY" runs -d "$DATABASE" --json >"$TMP/runs"
grep -q '"outcome": "open"' "$TMP/runs" && fail 'a run was left open'
true
