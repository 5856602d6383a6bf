#!/usr/bin/env bash
# Replicas that start at once, and runs that are killed.
# shellcheck source=tests/cli/proof.inc
source "$(dirname "$0")/proof.inc"
# shellcheck source=tests/cli/alembic.inc
source "$(dirname "$0")/alembic.inc"
proof 12

new_database
alembic_project "$DATABASE"
archives() { find "$BELAY_REPO" -name '*.belay' | wc -l; }

# replicas: eight of them, staggered; all end with 0, one migrates, the others see that it was done.
replicas() {
  local pids=() i
  for i in 1 2 3 4 5 6 7 8; do
    (cd "$PROJECT" && exec "$BELAY" migrate --json -- /usr/bin/alembic upgrade head) \
      >"$TMP/replica.$i" 2>"$TMP/replica.$i.err" &
    pids+=($!)
    random 200
    pause "0.$(printf %03d "$R")"
  done
  for i in 0 1 2 3 4 5 6 7; do ended "${pids[$i]}" 0; done
  [ "$(grep -l '"outcome": "ran"' "$TMP"/replica.? | wc -l)" = 1 ] || fail 'not exactly one replica migrated'
}

revision r1 '' <<'PY'
op.execute("create table public.users (id serial primary key, name text)")
op.execute("insert into public.users (name) select 'user ' || i from generate_series(1, 1000) i")
op.execute("create table public.noise as select gen_random_uuid() from generate_series(1, 20000)")
PY
replicas
[ "$(archives)" = 1 ] || fail 'a first deploy took more than one snapshot'
[ "$(version_of "$DATABASE")" = r1 ] || fail 'r1 was not reached'

# A later deploy, with an index that waits for every older snapshot: none of the seven who wait may hold
# one. All of them are there, beside the one at work.
revision r2 r1 <<'PY'
with op.get_context().autocommit_block():
    assert op.get_bind().exec_driver_sql("""select count(*) from pg_stat_activity
        where application_name = 'belay migrate' and datname <> current_database()""").scalar() >= 8
    op.execute("create index concurrently users_name on public.users (name)")
PY
# A backup of cron's at that moment, whose reader has stopped reading: it delays the migration until it is
# done, and is not harmed.
mkfifo "$TMP/pipe"
"$BELAY" backup -q -d "$DATABASE" -f - >"$TMP/pipe" &
cron=$!
exec 8<"$TMP/pipe"
shared() { [ "$(query "$DATABASE" "select count(*) from pg_locks where locktype = 'advisory' and classid = x'62656C61'::int and mode = 'ShareLock' and granted")" -ge 1 ]; }
wait_for 30 shared
all_wait() { [ "$(query postgres "select count(*) from pg_stat_activity where application_name = 'belay migrate'")" -ge 9 ]; }
let_backup_end() {
  wait_for 60 all_wait
  [ "$(version_of "$DATABASE")" = r1 ] || fail 'it did not wait for the backup'
  cat >"$TMP/cron.belay"
}
let_backup_end <&8 &
reader=$!
exec 8<&-
began=$SECONDS
replicas
[ $((SECONDS - began)) -lt 90 ] || fail 'the index hung'
ended "$reader" 0
ended "$cron" 0
expect_exit 0 "$BELAY" verify "$TMP/cron.belay" --level compared -d "$DATABASE"
[ "$(archives)" = 2 ] || fail 'a later deploy took more than one snapshot'
[ "$(version_of "$DATABASE")" = r2 ] || fail 'r2 was not reached'
[ "$(query "$DATABASE" "select indisvalid from pg_index where indexrelid = 'users_name'::regclass")" = t ] ||
  fail 'the index is not valid'
LOOPS=$((LOOPS + 2))

# Killed at random moments; the next run says what happened, and gets there.
hits=0
down=r2
for ((loop = 1; loop <= COUNT; ++loop)); do
  id=k$loop
  revision "$id" "$down" <<PY
op.execute("create table public.t$loop (i int)")
op.execute("select pg_sleep(0.3)")
PY
  (cd "$PROJECT" && exec "$BELAY" migrate --json -- /usr/bin/alembic upgrade head) >"$TMP/killed" 2>&1 &
  pid=$!
  random 2200
  pause "$((R / 1000)).$(printf %03d $((R % 1000)))"
  kill -KILL "$pid" 2>/dev/null || true
  status=0
  wait "$pid" 2>/dev/null || status=$?
  [ $status = 137 ] && hits=$((hits + 1))
  # A snapshot of a killed run may still be busy for a moment, and so may its command.
  status=0
  migrate --json --wait 60s >"$TMP/next" 2>"$TMP/next.err" || status=$?
  [ $status = 0 ] || { cat "$TMP/next" "$TMP/next.err" >&2; fail "after a kill: exit status $status"; }
  [ "$(version_of "$DATABASE")" = "$id" ] || fail "$id was not reached after a kill"
  "$BELAY" runs -d "$DATABASE" --json >"$TMP/runs"
  grep -q '"outcome": "open"' "$TMP/runs" && fail 'a run is still open'
  down=$id
  LOOPS=$((LOOPS + 1))
done
echo "killed while it ran: $hits of $COUNT"
[ "$hits" -ge $((COUNT / 4)) ] || fail 'hardly a kill hit a run'
[ "$(query postgres "select count(*) from pg_locks where locktype = 'advisory' and classid = x'62656C61'::int")" = 0 ] ||
  fail 'a lock was left'

# Nothing pending, all files literal: the figure that an init container waits for.
best=999999
for _ in 1 2 3 4 5; do
  began=$(now)
  expect_exit 0 migrate -q
  took=$((($(now) - began) / 1000))
  [ "$took" -ge "$best" ] || best=$took
done
echo "nothing pending: $best ms"
if sanitized; then
  echo 'not held against 100 ms: built with sanitizers'
else
  [ "$best" -lt 100 ] || fail "nothing pending took $best ms"
fi
