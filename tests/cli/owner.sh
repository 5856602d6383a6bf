#!/usr/bin/env bash
# A role that owns the database and may create databases, and no more, does everything; what it may
# not do is told before anything is done.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"
# shellcheck source=tests/cli/alembic.inc
source "$(dirname "$0")/alembic.inc"

superuser=$PGUSER
server_major=$(($(query postgres 'show server_version_num') / 10000))
new_role login createdb
owner=$ROLE
new_role login
migrator=$ROLE
new_role login
visitor=$ROLE
as_superuser() { PGUSER=$superuser "$@"; }
drop_parameter_rights() { as_superuser psql -d postgres -c "drop owned by $owner, $migrator, $visitor"; }
at_exit drop_parameter_rights
new_database owner "$owner"
at_exit export PGUSER="$superuser"
export PGUSER=$owner
users() { query "$DATABASE" 'select count(*), count(mail) from users'; }
archives() { find "$BELAY_REPO" -name '*.belay' 2>/dev/null | wc -l; }
nothing_made() {
  [ -z "$(query postgres "select datname from pg_database where datname like '$DATABASE\_\_belay\_%'")" ]
}

mkdir -p "$BELAY_REPO"

# The whole story, with Alembic as the owner.
alembic_project "$DATABASE"
revision r1 '' <<'PY'
op.execute("create table public.users (id serial primary key, mail text)")
op.execute("insert into public.users (mail) select 'mail ' || i from generate_series(1, 100) i")
op.execute("select lo_from_bytea(0, 'large')")
PY
expect_exit 0 "$BELAY" doctor -d "$DATABASE"
expect_exit 0 migrate
expect_exit 0 "$BELAY" backup -d "$DATABASE" --verify compared
"$BELAY" schema -d "$DATABASE" >"$TMP/before.sql"
revision r2 r1 <<<'op.execute("alter table public.users drop column mail")'
expect_failure 33 'the verify command failed' migrate --verify-command false
expect_exit 0 "$BELAY" rollback -d "$DATABASE"
[ "$(users)" = '100|100' ] || fail 'not the rows of before'
"$BELAY" schema -d "$DATABASE" | cmp - "$TMP/before.sql" || fail 'not the schema of before'
expect_exit 0 "$BELAY" rollback -d "$DATABASE" --undo
[ "$(version_of "$DATABASE")" = r2 ] || fail 'undo did not bring r2 back'
expect_exit 0 "$BELAY" rollback -d "$DATABASE" --resume
expect_exit 0 "$BELAY" rollback -d "$DATABASE"
[ "$(version_of "$DATABASE")" = r1 ] || fail 'not the revision of before'
expect_exit 0 "$BELAY" runs -d "$DATABASE"
expect_exit 0 "$BELAY" release -d "$DATABASE" --reason 'column is not needed'
expect_exit 0 migrate
drop_made "$DATABASE"

# Alembic as a role of its own, for which the owner may act. Some objects lie where their owner may
# create no more.
as_superuser query "$DATABASE" "grant create on schema public to $migrator" >/dev/null
if [ "$server_major" -lt 15 ]; then  # where everybody may create there, and it belongs to a superuser
  revision r3 r2 <<<'op.execute("select 1")'
  expect_failure 17 'only a superuser can make schema public' migrate -d "$DATABASE"
  as_superuser query "$DATABASE" "revoke create on schema public from $migrator" >/dev/null
fi
as_superuser query "$DATABASE" "grant select, insert, update, delete on alembic_version to $migrator;
  create schema closed authorization $owner; create table closed.t (i int); alter table closed.t owner to $migrator;
  create schema \"Odd\" authorization $migrator; create view \"Odd\".v as select 1; alter view \"Odd\".v owner to $owner;
  grant select on closed.t to $owner with grant option; grant usage on schema closed to $migrator;
  create function public.f() returns int language sql as 'select 1'; alter function public.f() owner to $migrator" >/dev/null
sed -i "s|postgresql+psycopg2:///|postgresql+psycopg2://$migrator@/|" "$PROJECT/alembic.ini"
revision r3 r2 <<<'op.execute("create table public.songs (id serial primary key)")'
archived=$(archives)
expect_failure 17 'a drill would not work' migrate -d "$DATABASE"
expect_text "$TMP/three" "GRANT $migrator TO $owner"
[ "$(archives)" = "$archived" ] || fail 'a snapshot was taken in vain'
expect_exit 17 "$BELAY" doctor -d "$DATABASE"
expect_text "$TMP/stdout" "objects in the database belong to $migrator"
as_superuser query "$DATABASE" "grant $migrator to $owner" >/dev/null
expect_exit 0 "$BELAY" doctor -d "$DATABASE"
expect_exit 0 migrate -d "$DATABASE"
[ "$(query "$DATABASE" "select tableowner from pg_tables where tablename = 'songs'")" = "$migrator" ] || fail 'not the migrator'
revision r4 r3 <<'PY'
op.execute("insert into public.songs values (1), (2)")
op.execute("alter table public.songs add title text")
PY
expect_failure 33 'the verify command failed' migrate -d "$DATABASE" --verify-command false
expect_exit 0 "$BELAY" rollback -d "$DATABASE" --json
expect_json "$TMP/stdout" '{rows_only_there,0,rows}' 2
[ "$(version_of "$DATABASE")" = r3 ] || fail 'not the revision of before'
expect_exit 0 "$BELAY" release -d "$DATABASE" --reason 'a test'
drop_made "$DATABASE"
# What only a superuser could make again.
as_superuser query "$DATABASE" 'create extension pageinspect' >/dev/null
expect_failure 17 'only a superuser can make extension pageinspect' migrate -d "$DATABASE"
as_superuser query "$DATABASE" 'drop extension pageinspect' >/dev/null
as_superuser query "$DATABASE" 'revoke execute on function pg_catalog.pi() from public' >/dev/null
expect_failure 17 'only a superuser can make the privileges on FUNCTION pg_catalog.pi()' migrate -d "$DATABASE"
as_superuser query "$DATABASE" 'grant execute on function pg_catalog.pi() to public' >/dev/null

# refused STATEMENT UNDO TEXT...: what would keep a rollback from working is told before anything is
# done, by doctor, migrate and rollback.
made=$(archives)
refused() {
  local statement=$1 undo=$2 text
  shift 2
  as_superuser query "$DATABASE" "$statement" >/dev/null
  expect_failure 17 'a rollback would not work' migrate -d "$DATABASE"
  [ "$(archives)" = "$made" ] || fail 'a snapshot was taken in vain'
  [ "$(version_of "$DATABASE")" = r3 ] || fail 'it was migrated all the same'
  for text in "$@"; do expect_text "$TMP/three" "$text"; done
  expect_error 17 'a rollback would not work' "$BELAY" rollback -d "$DATABASE" "$archive"
  nothing_made || fail 'rollback restored an archive in vain'
  expect_exit 0 "$BELAY" rollback -d "$DATABASE" --resume
  expect_text "$TMP/stdout" 'nothing to resume'
  expect_exit 17 "$BELAY" doctor -d "$DATABASE"
  for text in "$@"; do expect_text "$TMP/stdout" "$text"; done
  as_superuser query "$DATABASE" "$undo" >/dev/null
}
archive=$(find "$BELAY_REPO/$DATABASE" -name '*.belay' | sort | tail -n 1)
refused "alter role $visitor in database $DATABASE set work_mem to '5MB'" \
  "alter role $visitor in database $DATABASE reset all" \
  "role $visitor has settings in the database" "GRANT $visitor TO $owner"
refused "alter database $DATABASE set log_statement to 'ddl'" "alter database $DATABASE reset all" \
  'the database has log_statement'
refused "select pg_create_logical_replication_slot('$DATABASE', 'pgoutput')" \
  "select pg_drop_replication_slot('$DATABASE')" \
  "logical replication slot $DATABASE" "pg_drop_replication_slot('$DATABASE')"
refused "create subscription $DATABASE connection 'dbname=none' publication p with (connect = false, slot_name = none)" \
  "drop subscription $DATABASE" "subscription $DATABASE" "DROP SUBSCRIPTION $DATABASE"
refused "alter role $owner nocreatedb" "alter role $owner createdb" "ALTER ROLE $owner CREATEDB"

# A prepared transaction may be gone by the time of a rollback: said, and only a rollback stops.
query "$DATABASE" "begin; insert into users default values; prepare transaction '$DATABASE'" >/dev/null
expect_exit 0 "$BELAY" doctor -d "$DATABASE"
expect_text "$TMP/stdout" "ROLLBACK PREPARED '$DATABASE'"
expect_error 17 "prepared transaction $DATABASE" "$BELAY" rollback -d "$DATABASE" "$archive"
nothing_made || fail 'rollback restored an archive in vain'
query "$DATABASE" "rollback prepared '$DATABASE'" >/dev/null
expect_exit 0 migrate -d "$DATABASE"
[ "$(version_of "$DATABASE")" = r4 ] || fail 'r4 was not reached'
