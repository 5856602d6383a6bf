#!/usr/bin/env bash
# What a failure tells people to type can be pasted as it stands, in a shell that knows neither the server
# nor the repository.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"
# shellcheck source=tests/cli/alembic.inc
source "$(dirname "$0")/alembic.inc"

: "${BELAY_KILLED_AT:?is set by CTest to the program that is killed at a step}"
export BELAY_REPO="$TMP/it's a repository" BELAY_KEEP_COPY=1h
repo=(--repo "$BELAY_REPO")
server=$PGHOST
new_database
alembic_project "$DATABASE"
mkdir "$TMP/bin"
ln -s "$BELAY" "$TMP/bin/belay"
# away COMMAND...: without what names the server or the repository.
away() { env -u PGHOST -u PGPORT -u PGUSER -u BELAY_REPO "$@"; }
# pasted STATUS VERB: what the last command has named is that verb, and ends so.
pasted() {
  local line
  line=$(sed -n 's/^ *next: //p' "$TMP/stderr" "$TMP/stdout" | grep -o 'belay [a-z].*$' | tail -n 1)
  case $line in "belay $2 "*) ;; *) cat "$TMP/stderr" >&2; fail "not '$2': $line" ;; esac
  expect_exit "$1" away PATH="$TMP/bin:$PATH" sh -c "$line"
}
named="host=$server port=$PGPORT user=$PGUSER dbname=$DATABASE"
deploy() { (cd "$PROJECT" && away "$BELAY" migrate -d "$named" "${repo[@]}" "$@" -- /usr/bin/alembic upgrade head); }
ready() { (cd "$PROJECT" && away "$BELAY" ready -d "$named" "${repo[@]}"); }
sed -i "s|psycopg2:///$DATABASE|psycopg2://$PGUSER@/$DATABASE?host=$server\&port=$PGPORT|" "$PROJECT/alembic.ini"

revision r1 '' <<<'op.execute("create table users (id serial primary key, name text)")'
expect_exit 0 deploy
revision r2 r1 <<<'op.execute("alter table users drop name")'

# Failed and changed, on both ways of the gate; held, for whoever asks.
expect_failure 33 'the verify command failed' deploy --gate off --reason 'a test' --verify-command false
pasted 0 release
revision r3 r2 <<<'op.execute("alter table users add mail text")'
expect_failure 33 'the verify command failed' deploy --verify-command false
expect_failure 18 'this deploy is held' deploy
pasted 0 release
expect_text "$TMP/stdout" 'released'
# A rollback that was killed; finished, and undone.
expect_exit 137 away "$BELAY_KILLED_AT" 4 "$TMP/steps" rollback -d "$named" "${repo[@]}"
for command in deploy ready; do
  expect_exit 18 "$command"
  expect_text "$TMP/stderr" 'next: belay rollback --resume -d'
done
pasted 0 rollback
[ "$(version_of "$DATABASE")" = r2 ] || fail 'not taken back'
pasted 0 rollback
expect_text "$TMP/stdout" 'undone'
expect_exit 2 away "$BELAY" rollback -d "$named" "${repo[@]}" --undo
pasted 0 runs
# The database is ahead of an older image.
mv "$PROJECT/migrations/versions/r3.py" "$TMP"
expect_failure 15 'r3' deploy
pasted 0 rollback
[ "$(version_of "$DATABASE")" = r2 ] || fail 'not taken back'
expect_exit 0 away "$BELAY" rollback -d "$named" "${repo[@]}" --undo
mv "$TMP/r3.py" "$PROJECT/migrations/versions"

# Where the password is nowhere but in DATABASE_URL, as in a container.
new_role superuser login password "'right'" in role belay_password
export DATABASE_URL="postgresql://$ROLE:right@/$DATABASE?host=$server&port=$PGPORT"
expect_failure 31 'the schema has changed' away "$BELAY" migrate "${repo[@]}" --gate off --reason 'a test' -- \
  sh -c "'$PG_BINDIR/psql' -Xq '$DATABASE_URL' -c 'create table half (i int)'; exit 1"
pasted 0 release
expect_no_text "$TMP/three" right
expect_exit 3 away DATABASE_URL="postgresql://$ROLE:right@/$DATABASE?host=elsewhere" "$BELAY" runs -d "host=$server port=$PGPORT user=$ROLE dbname=$DATABASE" "${repo[@]}"
unset DATABASE_URL

# More obstacles than one.
revision r4 r3 <<<'pass'
for i in 1 2; do query "$DATABASE" "select pg_create_logical_replication_slot('${DATABASE}_$i', 'pgoutput')" >/dev/null; done
drop_slots() { query "$DATABASE" "select pg_drop_replication_slot('${DATABASE}_1'), pg_drop_replication_slot('${DATABASE}_2')"; }
at_exit drop_slots
expect_failure 17 'a rollback would not work' deploy
pasted 17 doctor
