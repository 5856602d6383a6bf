#!/usr/bin/env bash
# migrate with a real Alembic: the gate, the run, and what it says of what really happened.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"
# shellcheck source=tests/cli/alembic.inc
source "$(dirname "$0")/alembic.inc"

new_database
alembic_project "$DATABASE"
archives() { find "$BELAY_REPO" -name '*.belay' 2>/dev/null | wc -l; }

# First deploy on an empty database.
revision r1 '' <<<'op.execute("create table public.users (id serial primary key, name text)")'
expect_exit 0 migrate --json
expect_json "$TMP/stdout" '{outcome}' ran
expect_json "$TMP/stdout" '{archive,level}' empty
[ "$(version_of "$DATABASE")" = r1 ] || fail 'r1 was not reached'
[ "$(archives)" = 1 ] || fail 'one snapshot was expected'

# Nothing pending: no snapshot, and Alembic is not started.
expect_exit 0 env PATH="$TMP/nothing:$PATH" bash -c "cd '$PROJECT' && '$BELAY' migrate --json -- alembic upgrade head"
expect_json "$TMP/stdout" '{outcome}' nothing_pending
[ "$(archives)" = 1 ] || fail 'a snapshot was taken for nothing'
expect_failure 33 'the verify command failed' migrate --verify-command 'sh -c "exit 3"'
expect_exit 0 migrate --verify-command "test 'a b' = 'a b'"

query "$DATABASE" "insert into users (name) select 'user ' || i from generate_series(1, 50) i" >/dev/null

# Pending, and all goes well.
revision r2 r1 <<<'op.execute("alter table public.users add mail text")'
expect_exit 0 migrate --json --verify-command true
expect_json "$TMP/stdout" '{archive,level}' compared
expect_json "$TMP/stdout" '{verify_exit}' 'exit status 0'
[ "$(version_of "$DATABASE")" = r2 ] || fail 'r2 was not reached'

# It fails in its transaction, after having written rows: nothing was changed.
revision r3 r2 <<'PY'
op.execute("update public.users set name = 'gone'")
op.execute("insert into public.users (name) values ('new')")
op.execute("select 1 / 0")
PY
without_autovacuum
expect_failure 30 'revision, schema and rows are as before' migrate
[ "$(query "$DATABASE" "select count(*) from users where name like 'user %'")" = 50 ] || fail 'rows were lost'
expect_failure 30 'safe: nothing was changed' migrate

# It fails after a commit of its own: changed, and held.
revision r3 r2 <<'PY'
with op.get_context().autocommit_block():
    op.execute("create table public.half (i int)")
op.execute("select 1 / 0")
PY
expect_failure 31 'the schema has changed' migrate
grep -q 'belay rollback --run' "$TMP/three" || fail 'no way back is named'
expect_failure 18 'failed and left the database changed' migrate
expect_error 2 'no reason given' "$BELAY" release -d "$DATABASE"
expect_exit 0 "$BELAY" release -d "$DATABASE" --reason 'half dropped by hand'
query "$DATABASE" 'drop table half' >/dev/null

# The same where only rows were changed by what was committed.
revision r3 r2 <<'PY'
with op.get_context().autocommit_block():
    op.execute("update public.users set name = 'x' where id = 1")
op.execute("select 1 / 0")
PY
expect_failure 31 'rows have changed' migrate
expect_exit 0 "$BELAY" runs -d "$DATABASE" --json
expect_json "$TMP/stdout" '{runs,-1,held}' true
# A mended deploy is another deploy.
revision r3 r2 <<'PY'
op.execute("create table if not exists public.users (id int)")
PY
expect_exit 0 migrate
expect_text "$TMP/stdout" 'the schema is as before'
[ "$(version_of "$DATABASE")" = r3 ] || fail 'r3 was not reached'
expect_exit 0 "$BELAY" runs -d "$DATABASE"
expect_text "$TMP/stdout" 'r2 -> r3'
expect_exit 0 "$BELAY" release -d "$DATABASE" --reason nothing
expect_text "$TMP/stdout" 'nothing is held'

# env.py swallows the failure, or commits nothing: the exit status 0 proves nothing.
cp "$PROJECT/migrations/env.py" "$TMP/env.py"
revision r4 r3 <<<'op.execute("create table public.more (i int)")'
sed 's/^with engine.connect/engine = engine.execution_options(future_result=True)\nimport sys\ntry:\n  pass\nexcept Exception:\n  pass\nwith engine.connect/; s/        context.run_migrations()/        context.run_migrations()\n        connection.exec_driver_sql("rollback")/' \
  "$TMP/env.py" >"$PROJECT/migrations/env.py"
expect_failure 32 'instead of r4' migrate
[ "$(version_of "$DATABASE")" = r3 ] || fail 'the revision moved'
cp "$TMP/env.py" "$PROJECT/migrations/env.py"

# The command connects elsewhere than -d.
other=$DATABASE
new_database
expect_failure 13 'another database' migrate -d "$DATABASE"
DATABASE=$other

# The database is ahead of the image; the migrations have two heads.
mv "$PROJECT/migrations/versions/r3.py" "$PROJECT/migrations/versions/r4.py" "$TMP"
expect_failure 15 'r3' migrate
mv "$TMP/r3.py" "$TMP/r4.py" "$PROJECT/migrations/versions"
revision r5 r3 <<<'pass'
expect_failure 16 'several heads' migrate
rm "$PROJECT/migrations/versions/r5.py"

# --gate require: no backup, none that is proved, one that was changed after its proof.
rm -rf "${BELAY_REPO:?}"
expect_failure 11 'there is no backup' migrate --gate require
"$BELAY" backup -q -d "$DATABASE"
expect_failure 11 'no backup is proved' migrate --gate require
archive=$(find "$BELAY_REPO" -name '*.belay')
"$BELAY" verify -q "$archive" --level compared -d "$DATABASE"
cp "$archive" "$TMP/good"
# A byte of a chunk, which header and manifest do not show; then another archive under that name.
block=$(tar -tRf "$archive" | sed -n 's/^block \([0-9]*\): data.*copy.zst$/\1/p' | head -n 1)
printf x | dd of="$archive" bs=1 seek=$((block * 512 + 520)) conv=notrunc status=none
cmp -s "$TMP/good" "$archive" && fail 'the test changed nothing'
expect_failure 12 'not what was proved' migrate --gate require
"$BELAY" backup -q -d "$DATABASE" -f "$TMP/other.belay"
cp "$TMP/other.belay" "$archive"
expect_failure 12 'its receipt is of other bytes' migrate --gate require
expect_failure 12 'its receipt is of other bytes' migrate --archive "$archive"
head -c 600 "$TMP/good" >"$archive"
expect_failure 12 'cannot be relied on' migrate --gate require
cp "$TMP/good" "$archive"
expect_failure 11 'minutes old' migrate --gate require --max-age 0s
expect_failure 13 'environment' migrate --archive "$archive" --env staging
[ "$(version_of "$DATABASE")" = r3 ] || fail 'a refused run migrated'
expect_exit 0 migrate --gate require --json
expect_json "$TMP/stdout" '{archive,path}' "$archive"
[ "$(version_of "$DATABASE")" = r4 ] || fail 'r4 was not reached'

# A command that is too slow is stopped; what it did is told.
expect_failure 34 'took too long' "$BELAY" migrate -d "$DATABASE" --timeout 1s -- sleep 60
# An unknown tool always gets a snapshot.
before=$(archives)
expect_exit 0 "$BELAY" migrate -d "$DATABASE" -- true
[ "$(archives)" = $((before + 1)) ] || fail 'no snapshot for an unknown tool'
expect_failure 17 'command not found' "$BELAY" migrate -d "$DATABASE" -- /no/such/program
expect_failure 17 'command not found' "$BELAY" migrate -d "$DATABASE" --verify-command /no/such/check -- true
echo 'print()' >"$TMP/check.py"
expect_failure 17 "the command is not executable: $TMP/check.py" "$BELAY" migrate -d "$DATABASE" --verify-command "$TMP/check.py" -- true
expect_text "$TMP/three" "chmod +x $TMP/check.py"
[ "$(archives)" = $((before + 1)) ] || fail 'a snapshot was taken for a command that does not exist'
"$BELAY" runs -d "$DATABASE" --json >"$TMP/runs"
grep -q '"outcome": "open"' "$TMP/runs" && fail 'a run was left open'
grep -rqF 'password' "$BELAY_REPO/journal" && fail 'a secret is in the journal'

# The journal cannot be written any more when the command has ended: that it ran is told, and the next
# run closes it.
cat >"$TMP/lose" <<SH
mv "$BELAY_REPO/journal" "$BELAY_REPO/lost"
echo >"$BELAY_REPO/journal"
SH
expect_failure 1 'the command exited with 0; the journal does not know it' "$BELAY" migrate -d "$DATABASE" -- sh "$TMP/lose"
rm "$BELAY_REPO/journal"
mv "$BELAY_REPO/lost" "$BELAY_REPO/journal"
expect_exit 0 "$BELAY" migrate -d "$DATABASE" -- true
expect_text "$TMP/stdout" 'was killed'

# Killed while the verify command ran: the run is as good as the next one finds it, and held if it is not.
revision r6 r4 <<<'op.execute("create table public.checked (i int)")'
expect_exit 137 bash -c "cd '$PROJECT' && exec '$BELAY' migrate --verify-command 'sh -c \"kill -KILL \$PPID\"' -- /usr/bin/alembic upgrade head"
[ "$(version_of "$DATABASE")" = r6 ] || fail 'killed too early'
expect_failure 33 'killed, but its revisions were reached' migrate --verify-command false
grep -q 'belay rollback --run' "$TMP/three" || fail 'no way back is named'
expect_error 18 'this deploy is held' bash -c "cd '$PROJECT' && exec '$BELAY' ready"
expect_exit 0 "$BELAY" release -d "$DATABASE" --reason 'the check was wrong'
expect_exit 0 migrate --verify-command true
# The next deploy's command is not run before that deploy.
revision r7 r6 <<<'op.execute("create table public.next (i int)")'
expect_exit 137 bash -c "cd '$PROJECT' && exec '$BELAY' migrate --verify-command 'sh -c \"kill -KILL \$PPID\"' -- /usr/bin/alembic upgrade head"
revision r8 r7 <<<'op.execute("create table public.other (i int)")'
expect_exit 0 migrate --json --verify-command "$PG_BINDIR/psql -Xqd $DATABASE -c 'select from other'"
expect_json "$TMP/stdout" '{verify_exit}' 'exit status 0'

# What is left is kept on purpose: nobody can connect to it. With 0 it is not kept.
made() { query postgres "select count(*) from pg_database where datname like 'cli\_$$\_%\_\_belay\_$1'"; }
[ "$(made %)" = "$(made 'sealed\_%')" ] || fail 'databases of belay were left that are no sealed copies'
copies=$(made %)
expect_exit 0 "$BELAY" migrate -d "$DATABASE" --keep-copy 0 --json -- true
expect_json "$TMP/stdout" '{archive,sealed_copy}' ''
[ "$(made %)" = "$copies" ] || fail '--keep-copy 0 kept one'
