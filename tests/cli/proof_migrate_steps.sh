#!/usr/bin/env bash
# migrate is killed at each of its steps: the next run says what happened and gets there, and gc
# leaves no scratch database.
# shellcheck source=tests/cli/proof.inc
source "$(dirname "$0")/proof.inc"
# shellcheck source=tests/cli/alembic.inc
source "$(dirname "$0")/alembic.inc"
proof 6

: "${BELAY_KILLED_AT:?is set by CTest to the program that is killed at a step}"
new_database
alembic_project "$DATABASE"
# stepped N: belay migrate, killed at its Nth step.
stepped() {
  (cd "$PROJECT" && exec "$BELAY_KILLED_AT" "$1" "$TMP/steps" migrate --verify-command true \
    --keep-copy 1h --wait 60s -- /usr/bin/alembic upgrade head) >"$TMP/killed" 2>&1
}
free() { [ "$(query postgres "select count(*) from pg_locks where locktype = 'advisory' and classid = x'62656C61'::int")" = 0 ]; }

revision r1 '' <<'PY'
op.execute("create table public.users (id serial primary key, name text)")
op.execute("insert into public.users (name) select 'user ' || i from generate_series(1, 100) i")
PY
expect_exit 0 migrate
revision r2 r1 <<<'op.execute("create table public.second (i int)")'
expect_exit 0 stepped 0
steps=$(wc -l <"$TMP/steps")
echo "steps: $steps"
down=r2
random "$steps"
first=$R
for ((loop = 0; loop < COUNT; ++loop)); do
  # Spread over the steps, so that a few loops meet different parts of a run.
  step=$(((first + (COUNT < steps ? loop * steps / COUNT : loop)) % steps + 1))
  id=k$loop
  revision "$id" "$down" <<<"op.execute('create table public.t$loop (i int)')"
  status=0
  stepped "$step" || status=$?
  [ $status = 137 ] || { cat "$TMP/killed" >&2; fail "step $step: ended with $status"; }
  at=$(tail -n 1 "$TMP/steps")
  wait_for 30 free
  status=0
  migrate --wait 60s --verify-command true --keep-copy 1h >"$TMP/next" 2>"$TMP/next.err" || status=$?
  [ $status = 0 ] || { cat "$TMP/next" "$TMP/next.err" >&2; fail "after a kill at '$at': exit status $status"; }
  [ "$(version_of "$DATABASE")" = "$id" ] || fail "$id was not reached after a kill at '$at'"
  # The event before whose publication it was killed is not there.
  written=$(sed '$d' "$TMP/steps" | grep -c '^publish .*-intent-' || true)
  told=$(grep -c 'was killed' "$TMP/next" || true)
  [ "$written" = "$told" ] || { cat "$TMP/next" >&2; fail "after a kill at '$at': not told what happened"; }
  "$BELAY" runs -d "$DATABASE" --json >"$TMP/runs"
  grep -q '"outcome": "open"' "$TMP/runs" && fail 'a run is still open'
  wait_for 10 free
  expect_exit 0 "$BELAY" gc -d "$DATABASE"
  left=$(query postgres "select datname from pg_database where datname like '$DATABASE\_\_belay\_%' and datallowconn")
  [ -z "$left" ] || fail "after a kill at '$at': left on the server: $left"
  [ -z "$(find "$BELAY_REPO" -name '*.belay.*.partial')" ] || fail "after a kill at '$at': left in the repository"
  drop_made "$DATABASE"
  down=$id
  LOOPS=$((LOOPS + 1))
done
