#!/usr/bin/env bash
# Ways back that are not the plain one: past several runs, typed again, of a run that may have written rows, with another's
# sealed copy, of a database that the command made anew, and of one that is gone.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"
# shellcheck source=tests/cli/alembic.inc
source "$(dirname "$0")/alembic.inc"

new_role login createdb
owner=$ROLE
new_database
alembic_project "$DATABASE"
rollback() { "$BELAY" rollback -d "$DATABASE" "$@"; }
run_of() { # NUMBER: of the runs, from the oldest
  "$BELAY" runs -d "$DATABASE" --json >"$TMP/runs"
  json "$TMP/runs" "{runs,$1,run}"
}
users() { query "$DATABASE" "select count(*) from users where mail like '$1'"; }
at() { [ "$(version_of "$DATABASE")" = "$1" ] || fail "at $(version_of "$DATABASE") instead of $1"; }

revision r1 '' <<'PY'
op.execute("create table public.users (id serial primary key, mail text)")
op.execute("insert into public.users (mail) select 'mail ' || i from generate_series(1, 100) i")
PY
revision r2 r1 <<<'op.execute("alter table public.users add phone text")'
revision r3 r2 <<<'op.execute("alter table public.users drop column phone")'
for head in r1 r2 r3; do
  expect_exit 0 bash -c "cd '$PROJECT' && '$BELAY' migrate -- /usr/bin/alembic upgrade $head"
done
second=$(run_of 1)
third=$(run_of 2)

# Back before the second of three runs: the third is taken back, too, and its deploy is held.
expect_exit 0 rollback --run "$second"
at r1
expect_failure 18 "run $third was rolled back with an earlier one" migrate
expect_error 18 'is held' bash -c "cd '$PROJECT' && exec '$BELAY' ready"
# What was typed is typed again, here or by somebody else: what was written since stays.
query "$DATABASE" "insert into users (mail) values ('since')" >/dev/null
for run in "$second" "$third"; do
  expect_exit 0 rollback --run "$run"
  expect_text "$TMP/stdout" "run $second was rolled back, and none has begun since"
  [ "$(users since)" = 1 ] || fail 'it went back twice'
done
# Undone, both have run; and the same by the archive of the second.
expect_exit 0 rollback --undo
at r3
expect_exit 0 migrate
expect_text "$TMP/stdout" 'nothing is pending'
expect_json "$TMP/runs" '{runs,1,run}' "$second"
expect_exit 0 rollback "$BELAY_REPO/$(json "$TMP/runs" '{runs,1,archive}')"
at r1
expect_failure 18 "run $third was rolled back with an earlier one" migrate
# Released, the deploy runs; what only the kept database holds can be rescued also then.
expect_exit 0 rollback --undo
query "$DATABASE" "insert into users (mail) values ('ordered')" >/dev/null
expect_exit 0 rollback --run "$third"
expect_exit 0 "$BELAY" release -d "$DATABASE" --reason 'it was good'
expect_exit 0 migrate
at r3
expect_exit 0 "$BELAY" rescue -d "$DATABASE" --table users -f "$TMP/rescued.csv"
expect_text "$TMP/rescued.csv" ordered

# A run that is not proved to have left the rows alone: the next command settles it, and a rollback says so.
revision r4 r3 <<<'op.execute("alter table public.users add fax text")'
expect_failure 33 'the verify command failed' migrate --verify-command false
expect_exit 0 rollback
revision r4 r3 <<'PY'
with op.get_context().autocommit_block():
    op.execute("set track_counts = off")
    op.execute("update public.users set mail = 'lost'")
op.execute("select 1 / 0")
PY
expect_failure 30 'that no row changed is not proved' migrate
expect_exit 4 sh -c "PATH=$(dirname "$BELAY"):\$PATH; $(sed -n 's/^  next: //p' "$TMP/three")"
expect_text "$TMP/stdout" 'public.users'
expect_error 2 'whether the last run changed rows is not known' rollback
expect_exit 0 sh -c "PATH=$(dirname "$BELAY"):\$PATH; $(sed -n 's/^  next: //p' "$TMP/error")"
[ "$(users lost)" = 0 ] || fail 'the rows are not those of before'
drop_made "$DATABASE"

# Taken back at once, where nothing but alembic.ini names the database.
revision r4 r3 <<<'op.execute("alter table public.users add telefax text")'
expect_exit 40 migrate --verify-command false --on-failure rollback-if-clean --json
expect_json "$TMP/stdout" '{after,public.alembic_version,0}' r3
[ "$(query postgres "select count(*) from pg_database where datname = '$(json "$TMP/stdout" '{kept}')'")" = 1 ] || fail 'nothing was kept'
at r3

# A sealed copy of another role's cannot be renamed: it is not begun with, and whoever may goes on from there.
psql -d "$DATABASE" -c "alter schema public owner to $owner; alter table users owner to $owner; alter table alembic_version owner to $owner"
revision r4 r3 <<<'op.execute("alter table public.users add telex text")'
expect_exit 0 migrate
psql -d "$DATABASE" -c "alter database $DATABASE owner to $owner"
expect_exit 41 env PGUSER="$owner" "$BELAY" rollback -d "$DATABASE"
expect_text "$TMP/stdout" 'belongs to a role that this one is no member of'
expect_exit 0 rollback --resume
expect_text "$TMP/stdout" 'nothing to resume'
expect_exit 0 rollback --json
expect_json "$TMP/stdout" '{from_sealed_copy}' true
at r3
expect_exit 0 "$BELAY" release -d "$DATABASE" --reason 'a test'

# The command drops the database and makes another of that name: said, and taken back all the same.
anew() { "$BELAY" migrate -d "$DATABASE" -- sh -c "'$PG_BINDIR/psql' -Xq -d postgres -c 'drop database $DATABASE with (force)' -c 'create database $DATABASE'; exit $1"; }
for status in 1 0; do
  if [ $status = 1 ]; then
    expect_failure 31 'the database was dropped and made anew' anew 1
  else
    expect_exit 0 anew 0
  fi
  expect_text "$TMP/stderr" 'of its rows only the backup is left'
  expect_exit 0 rollback
  at r3
  expect_exit 0 "$BELAY" release -d "$DATABASE" --reason 'a test'
done

# It is gone: what makes it again is named.
psql -d postgres -c "drop database $DATABASE with (force)"
expect_error 3 'does not exist' rollback
expect_exit 0 sh -c "PATH=$(dirname "$BELAY"):\$PATH; $(sed -n 's/^  next: //p' "$TMP/error")"
at r3
