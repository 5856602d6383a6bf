#!/usr/bin/env bash
# SIGKILL at random moments of a migration and of a rollback. Whenever that is: there is a database of
# that name, or the journal says how to get it back; no backup is reported that is not there; the
# next run does the right thing.
# shellcheck source=tests/cli/proof.inc
source "$(dirname "$0")/proof.inc"
# shellcheck source=tests/cli/alembic.inc
source "$(dirname "$0")/alembic.inc"
proof 20

new_database
alembic_project "$DATABASE"
free() { [ "$(query postgres "select count(*) from pg_locks where locktype = 'advisory' and classid = x'62656C61'::int")" = 0 ]; }
milliseconds() { # COMMAND...: in $TOOK
  local began
  began=$(now)
  "$@"
  TOOK=$((($(now) - began) / 1000))
}
# killed LONGEST COMMAND...: ended by SIGKILL at a random moment before that; its exit status in $ENDED.
killed() {
  local longest=$1 pid
  shift
  (cd "$PROJECT" && exec "$@") >"$TMP/killed" 2>&1 &
  pid=$!
  random "$longest"
  pause "$((R / 1000)).$(printf %03d $((R % 1000)))"
  kill -KILL "$pid" 2>/dev/null || true
  ENDED=0
  wait "$pid" 2>/dev/null || ENDED=$?
  hits=$((hits + (ENDED == 137)))
  wait_for 30 free
}
there=0 by_journal=0 archives=0 hits=0
# The invariant, after a kill.
check() {
  local name
  if [ "$(query postgres "select count(*) from pg_database where datname = '$DATABASE'")" = 1 ]; then
    version_of "$DATABASE" >/dev/null || fail 'the database cannot be read'
    there=$((there + 1))
  else
    name=$(sed -n 's/.*"incoming_name": *"\([^"]*\)".*/\1/p' "$BELAY_REPO"/journal/*rollback* | tail -n 1)
    [ "$(query postgres "select count(*) from pg_database where datname = '$name'")" = 1 ] || fail 'no database of that name, and no way to get it back'
    by_journal=$((by_journal + 1))
  fi
  # What is listed is there, whole, and proved as it says.
  "$BELAY" list --json >"$TMP/list"
  psql -At -d postgres -v document="$(cat "$TMP/list")" >"$TMP/archives" \
    <<<"select a ->> 'archive', a ->> 'problem', a ->> 'proved' from jsonb_array_elements(:'document'::jsonb -> 'archives') a"
  while IFS='|' read -r archive problem proved; do
    [ -z "$problem" ] || fail "listed with a problem: $archive: $problem"
    expect_exit 0 "$BELAY" verify -q "$archive"
    [ "$proved" != compared ] || [ -s "${archive%.belay}.receipt.json" ] || fail "no receipt: $archive"
    archives=$((archives + 1))
  done <"$TMP/archives"
  # Old ones need not be read every time.
  while read -r archive; do
    rm "$archive" "${archive%.belay}.receipt.json"
  done < <(cut -d '|' -f 1 "$TMP/archives" | sort | head -n -2)
}
users() { query "$DATABASE" 'select count(*), coalesce(sum(length(name)), 0) from users'; }

revision r1 '' <<'PY'
op.execute("create table public.users (id serial primary key, name text)")
op.execute("insert into public.users (name) select 'user ' || i from generate_series(1, 1000) i")
PY
expect_exit 0 migrate
down=r1
deploy() { # ID: a revision that commits between its steps
  revision "$1" "$down" <<PY
with op.get_context().autocommit_block():
    op.execute("create table if not exists public.t_$1 (i int)")
op.execute("update public.users set name = name || '.' where id = 1")
op.execute("select pg_sleep(0.1)")
PY
}
migrated() { expect_exit 0 migrate --keep-copy 1h --wait 60s; }
rolled_back() { expect_exit 0 "$BELAY" rollback -d "$DATABASE" --wait 60s; }
deploy r2
milliseconds migrated
migration=$TOOK
milliseconds rolled_back
rollback=$TOOK
expect_exit 0 "$BELAY" rollback -d "$DATABASE" --undo
down=r2
echo "a migration takes $migration ms, a rollback $rollback ms"

for ((loop = 1; loop <= COUNT; ++loop)); do
  id=k$loop
  deploy "$id"
  before=$(users)
  if [ $((loop % 2)) = 1 ]; then
    killed "$migration" "$BELAY" migrate --keep-copy 1h --wait 60s -- /usr/bin/alembic upgrade head
    check
    # Half done it is held until somebody has looked; then, as before it, it runs.
    status=0
    migrate --wait 60s --keep-copy 1h >"$TMP/stdout" 2>"$TMP/stderr" || status=$?
    if [ $status = 18 ]; then
      expect_text "$TMP/stderr" 'this deploy is held'
      [ "$(query "$DATABASE" "select to_regclass('t_$id')")" = "t_$id" ] || fail 'held, and nothing is half done'
      expect_exit 0 "$BELAY" release -d "$DATABASE" --reason 'the revision can be repeated'
      migrated
      echo held >>"$TMP/ways"
    else
      [ $status = 0 ] || { cat "$TMP/stdout" "$TMP/stderr" >&2; fail "after a kill: exit status $status"; }
      echo migrated >>"$TMP/ways"
    fi
  else
    milliseconds migrated # the machine is not always as fast as at first
    migration=$TOOK
    killed "$rollback" "$BELAY" rollback -d "$DATABASE" --wait 60s
    check
    expect_exit 0 "$BELAY" rollback -d "$DATABASE" --resume --wait 60s
    if [ "$(version_of "$DATABASE")" = "$id" ]; then
      rolled_back
      echo 'rolled back' >>"$TMP/ways"
    else
      echo resumed >>"$TMP/ways"
    fi
    [ "$(users)" = "$before" ] || fail 'not the rows of before'
    [ "$(version_of "$DATABASE")" = "$down" ] || fail "$down was not reached"
    expect_failure 18 'was rolled back' migrate
    expect_exit 0 "$BELAY" rollback -d "$DATABASE" --undo --wait 60s
  fi
  [ "$(version_of "$DATABASE")" = "$id" ] || fail "$id was not reached"
  [ "$(users)" != "$before" ] || fail 'the rows were not migrated'
  "$BELAY" runs -d "$DATABASE" --json >"$TMP/runs"
  ! grep -q '"outcome": "open"' "$TMP/runs" || fail 'a run is still open'
  down=$id
  drop_made "$DATABASE"
  LOOPS=$((LOOPS + 1))
done
sort "$TMP/ways" | uniq -c
echo "killed while it ran: $hits of $COUNT; of that name: $there, by the journal: $by_journal; archives read: $archives"
[ $((there + by_journal)) = "$COUNT" ] || fail 'not looked at after every kill'
[ "$hits" -ge $((COUNT / 3)) ] || fail 'hardly a kill hit a run'
