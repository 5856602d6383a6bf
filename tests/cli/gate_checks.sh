#!/usr/bin/env bash
# What the gate checks, F0 to F10, as `belay gate` shows it: it changes nothing; and the modes of migrate.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"
# shellcheck source=tests/cli/alembic.inc
source "$(dirname "$0")/alembic.inc"

new_database
alembic_project "$DATABASE"
query "$DATABASE" "create table public.users (id serial primary key, name text); insert into users (name) values ('a')" >/dev/null
revision r1 '' <<<'op.execute("alter table public.users add mail text")'
archives() { find "$BELAY_REPO" -name '*.belay' 2>/dev/null | wc -l; }
state() {
  server_state
  [ ! -d "$BELAY_REPO" ] || find "$BELAY_REPO" | sort
}
# gate STATUS OPTION...: what it says, in $TMP/stdout; it must not change anything.
gate() {
  local status=$1 before
  shift
  before=$(state)
  expect_exit "$status" "$BELAY" gate --json -d "$DATABASE" "$@"
  [ "$(state)" = "$before" ] || fail 'the gate changed something'
  [ "$(json "$TMP/stdout" '{gate,checks}' | grep -o '"verdict"' | wc -l)" = 11 ] || fail 'not eleven checks'
}
# verdict NUMBER VERDICT [TEXT]
verdict() {
  expect_json "$TMP/stdout" "{gate,checks,$1,id}" "F$1"
  expect_json "$TMP/stdout" "{gate,checks,$1,verdict}" "$2"
  json "$TMP/stdout" "{gate,checks,$1,text}" | grep -qF -- "${3:-}" || { cat "$TMP/stdout" >&2; fail "F$1 does not say: $3"; }
}
backup() { "$BELAY" backup -q -d "$DATABASE" --verify compared "$@"; }

# No archive yet; --json is one object, and without it people read a table.
gate 0
expect_json "$TMP/stdout" '{gate,answer}' take
gate 11 --gate require
expect_json "$TMP/stdout" '{gate,answer}' refuse
expect_json "$TMP/stdout" '{error,exit_status}' 11
expect_error_text() { expect_exit "$1" "${@:3}"; expect_text "$TMP/stderr" "$2"; }
expect_error_text 11 'there is no backup of this database' "$BELAY" gate --gate require -d "$DATABASE"
expect_text "$TMP/stdout" 'F3   lineage'

# The drill on the same server commits transactions: "proved" is not to be had, "observed" is.
backup
gate 0 --gate require
expect_json "$TMP/stdout" '{gate,answer}' use
for check in 1 2 3 4 5 6 8 9; do verdict "$check" pass; done
verdict 0 warn 'no command was given'
verdict 8 pass 'read again'
wait_for 30 eval '"$BELAY" gate --json -d "$DATABASE" --gate require >"$TMP/stdout" && [ "$(json "$TMP/stdout" "{gate,writes}")" = none-observed ]'
verdict 7 warn 'weaker than proved'
gate 0
expect_json "$TMP/stdout" '{gate,answer}' take

# What was written since is told, TRUNCATE alone and nextval alone too; it closes nothing.
query "$DATABASE" "select nextval('users_id_seq')" >/dev/null
gate 0 --gate require
expect_json "$TMP/stdout" '{gate,writes}' some
verdict 7 warn 'sequences have moved'
backup
query "$DATABASE" 'truncate public.users' >/dev/null
gate 0 --gate require
expect_json "$TMP/stdout" '{gate,writes}' some
verdict 7 warn 'TRUNCATE'
query "$DATABASE" "insert into users (name) values ('b'), ('c')" >/dev/null
wait_for 30 eval '"$BELAY" gate --json -d "$DATABASE" --gate require >"$TMP/stdout" && grep -q "2 rows were inserted" "$TMP/stdout"'

# A transaction that is open and one that is prepared were not committed; a commit is seen. Without a
# drill on this server, what was not committed is proved.
second=$TMP/second
"$BELAY" backup -q -d "$DATABASE" -f "$TMP/alone.belay"
coproc writer { "$PG_BINDIR/psql" -X -q -d "$DATABASE"; }
# shellcheck disable=SC2154
echo "begin; insert into users (name) values ('open'); \\echo ready" >&"${writer[1]}"
read -r _ <&"${writer[0]}"
psql -d "$DATABASE" -c "begin; insert into users (name) values ('prepared'); prepare transaction 'belay_$$'"
at_exit psql -d "$DATABASE" -c "rollback prepared 'belay_$$'"
gate 11 --gate require --archive "$TMP/alone.belay"
expect_json "$TMP/stdout" '{gate,writes}' none-proved
verdict 8 fail 'no receipt'
psql -d "$DATABASE" -c "commit prepared 'belay_$$'"
gate 11 --gate require --archive "$TMP/alone.belay"
[ "$(json "$TMP/stdout" '{gate,writes}')" != none-proved ] || fail 'a commit of a prepared transaction was not seen'
echo 'rollback;' >&"${writer[1]}"
exec {writer[1]}>&-
wait "$writer_PID" || true
rm -rf "$second"

# Each other check, on real archives.
gate 11 --gate require --max-age 0s
verdict 6 fail
query "$DATABASE" 'alter table users add more text' >/dev/null
gate 11 --gate require
verdict 5 fail 'past the migrations'
backup
gate 10 --gate require --repo "$(mktemp -d /dev/shm/belay.XXXXXX)"
verdict 10 fail tmpfs
at_exit rm -rf /dev/shm/belay.??????
volatile=$(find /dev/shm -maxdepth 1 -name 'belay.??????' -user "$(id -un)" | head -n 1)
gate 11 --gate require --accept-volatile --repo "$volatile"
verdict 10 warn tmpfs
gate 0 --repo "$volatile"
verdict 10 warn tmpfs
gate 11 --gate require --env staging
verdict 1 unknown 'no archive'
gate 13 --gate require --env staging --archive "$(find "$BELAY_REPO" -name '*.belay' | sort | tail -n 1)"
verdict 1 fail staging

# What the command connects to is not shown.
gate 0 -- some-tool
verdict 0 warn 'not shown'
gate 13 --gate require -- some-tool
gate 0 --gate require --target-confirmed -- some-tool
verdict 0 pass
(cd "$PROJECT" && gate 0 --gate require -- /usr/bin/alembic upgrade head && verdict 0 pass)

# Two keys: the snapshot is read back only, and the compared archive must be of this schema.
count=$(archives)
expect_exit 0 migrate --gate two-key --json
expect_json "$TMP/stdout" '{archive,level}' readable
expect_json "$TMP/stdout" '{gate,answer}' take-readable
expect_json "$TMP/stdout" '{archive,sealed_copy}' ''
[ "$(archives)" = $((count + 1)) ] || fail 'not one snapshot'
revision r2 r1 <<<'op.execute("alter table public.users add yet text")'
expect_failure 11 'no compared backup of this schema' migrate --gate two-key
expect_exit 0 "$BELAY" rollback -d "$DATABASE"
[ "$(query "$DATABASE" "select count(*) from pg_attribute where attrelid = 'public.users'::regclass and attname = 'mail'")" = 0 ] ||
  fail 'a run with two keys was not taken back'
expect_exit 0 "$BELAY" release -d "$DATABASE" --reason 'it was a test'

# Off: only with a reason, loud, and in the journal; a failure says that nothing stands for it.
expect_error 2 'needs a reason' migrate --gate off
count=$(archives)
expect_exit 0 migrate --gate off --reason 'the disk is full'
expect_text "$TMP/stderr" 'the gate is off: no backup stands for this run (the disk is full)'
[ "$(archives)" = "$count" ] || fail 'mode off took a snapshot'
grep -lq 'the disk is full' "$BELAY_REPO"/journal/* || fail 'the reason is not in the journal'
expect_exit 2 "$BELAY" rollback -d "$DATABASE"
revision r3 r2 <<'PY'
with op.get_context().autocommit_block():
    op.execute("create table public.half (i int)")
op.execute("select 1 / 0")
PY
expect_failure 31 'the gate was off' migrate --gate off --reason 'still full'
