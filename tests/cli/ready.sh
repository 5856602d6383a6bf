#!/usr/bin/env bash
# belay ready: 0 only where services may start, else a status and a line that say why not.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"
# shellcheck source=tests/cli/alembic.inc
source "$(dirname "$0")/alembic.inc"

new_database
alembic_project "$DATABASE"
ready() { (cd "$PROJECT" && "$BELAY" ready "$@"); }
upgrade=(-- alembic upgrade head)

expect_error 2 'no repository named' env -u BELAY_REPO "$BELAY" ready -d "$DATABASE"
expect_error 17 'there is no configuration of Alembic' bash -c "cd '$TMP' && '$BELAY' ready -d '$DATABASE'"

# Not migrated yet; migrated; without a command the heads of the project are meant. No Python.
revision r1 '' <<<'op.execute("create table public.users (id serial primary key, name text)")'
revision r2 r1 <<<'op.execute("alter table public.users add mail text")'
expect_error 32 'at base instead of r2' ready "${upgrade[@]}"
expect_exit 0 "$BELAY" migrate -q -d "$DATABASE" --alembic-config "$PROJECT/alembic.ini" -- /usr/bin/alembic -c "$PROJECT/alembic.ini" upgrade r1
expect_error 32 'at r1 instead of r2' ready
expect_exit 0 ready -- alembic upgrade r1
expect_exit 0 migrate -q
alone() { (cd "$PROJECT" && PATH=/nowhere "$BELAY" ready "$@"); }
expect_exit 0 alone
expect_text "$TMP/stdout" "ready: $DATABASE is at r2"
expect_exit 0 alone --json "${upgrade[@]}"
expect_json "$TMP/stdout" '{expected,0}' r2
expect_exit 0 alone -d "$DATABASE" --alembic-config alembic.ini

# Another database than the project's; a database that is ahead; several heads.
here=$DATABASE
new_database
expect_error 13 'another database' ready -d "$DATABASE"
DATABASE=$here
mv "$PROJECT/migrations/versions/r2.py" "$TMP"
expect_error 15 'r2' ready
mv "$TMP/r2.py" "$PROJECT/migrations/versions"
revision s2 r1 <<<'pass'
expect_error 16 'several heads' ready "${upgrade[@]}"
expect_error 32 'at r2 instead of r2, s2' ready
rm "$PROJECT/migrations/versions/s2.py"

# A failure that changed nothing: not there, but the image before it may go on.
revision r3 r2 <<<'op.execute("select 1 / 0")'
expect_failure 30 'as before' migrate
expect_error 32 'at r2 instead of r3' ready
expect_exit 0 ready -- alembic upgrade r2

# A failure that changed something: held, whoever asks, until it is released.
revision r3 r2 <<'PY'
with op.get_context().autocommit_block():
    op.execute("create table public.half (i int)")
op.execute("select 1 / 0")
PY
expect_failure 31 'the schema has changed' migrate
expect_error 18 'failed and left the database changed' ready
expect_error 18 'failed and left the database changed' ready -- alembic upgrade r2
expect_exit 0 "$BELAY" release -d "$DATABASE" --reason 'it is harmless'
expect_error 32 'at r2 instead of r3' ready
expect_exit 0 ready -- alembic upgrade r2

# The verify command failed after the migration: at the revisions, and yet not good.
revision r3 r2 <<<'pass'
expect_failure 33 'the verify command failed' migrate --verify-command false
expect_error 18 'failed and left the database changed' ready
# Taken back: the image before it may go on, the same one is held.
expect_exit 0 "$BELAY" rollback -q -d "$DATABASE"
expect_error 18 'was rolled back' ready
expect_exit 0 ready -- alembic upgrade r2

# A run at work, and one that was killed.
revision r3 r2 <<<'op.execute("select pg_sleep(60)")'
rm -rf "${BELAY_REPO:?}"
(cd "$PROJECT" && exec "$BELAY" migrate -q -- /usr/bin/alembic upgrade head) >"$TMP/run" 2>&1 &
run=$!
at_exit kill -KILL "$run"
sleeps() { [ "$(query "$DATABASE" "select count(*) from pg_stat_activity where query ~ 'pg_sleep.60' and pid <> pg_backend_pid()")" = 1 ]; }
wait_for 60 sleeps
expect_error 7 'a migration is at work' ready -- alembic upgrade r2
kill -KILL "$run"
wait "$run" 2>/dev/null || true
unlocked() { [ "$(query "$DATABASE" "select count(*) from pg_locks where locktype = 'advisory'")" = 0 ]; }
wait_for 20 unlocked
expect_error 14 'a migration was killed' ready -- alembic upgrade r2
query "$DATABASE" "select pg_terminate_backend(pid) from pg_stat_activity where query ~ 'pg_sleep.60' and pid <> pg_backend_pid()" >/dev/null
revision r3 r2 <<<'pass'
expect_exit 0 migrate -q
expect_exit 0 ready

# Another tool: its last run must have been a good one, of the same words.
expect_error 32 'the last run was not a good one of this command' ready -d "$DATABASE" -- true
expect_exit 0 "$BELAY" migrate -q -d "$DATABASE" -- true
expect_exit 0 ready -d "$DATABASE" -- true
expect_error 32 'the last run was not a good one of this command' ready -d "$DATABASE" -- true again
expect_exit 0 ready
