#!/usr/bin/env bash
# The nine ways in which projects keep their version table, each migrated by a real Alembic through belay.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"
# shellcheck source=tests/cli/alembic.inc
source "$(dirname "$0")/alembic.inc"

# project [SED SCRIPT FOR env.py]: one revision, pending, on a database of its own; the copies are not kept.
export BELAY_KEEP_COPY=0
project() {
  new_database
  alembic_project "$DATABASE"
  revision r1 '' <<<'op.execute("create table one (i int)")'
  [ $# = 0 ] || sed -i "$1" "$PROJECT/migrations/env.py"
}
# migrates TABLE [OPTION...]: migrates, the table then holds r1, and a second run has nothing to do.
migrates() {
  local table=$1
  shift
  expect_exit 0 migrate "$@"
  expect_text "$TMP/stdout" 'migrated: base -> r1'
  holds "$table" r1
  expect_exit 0 migrate "$@"
  expect_text "$TMP/stdout" 'nothing is pending'
}
holds() {
  [ "$(query "$DATABASE" "select string_agg(version_num, ' ' order by version_num) from $1")" = "$2" ] || fail "$1 does not hold $2"
}
configure() { project "s/context.configure(connection=connection, /&$1, /"; }

# 1. The default; then in a schema named like the role, which captures it.
project
migrates public.alembic_version
new_role login
psql -d "$DATABASE" -c "create schema \"$ROLE\" authorization $ROLE; drop table one, alembic_version"
psql -d postgres -c "alter database $DATABASE owner to $ROLE" -c "alter role $ROLE createdb"
PGUSER=$ROLE migrates "\"$ROLE\".alembic_version"

# 2. Another name. 3. Another schema, made by env.py before it runs.
configure 'version_table="db_migrations"'
migrates public.db_migrations
configure 'version_table="versions", version_table_schema="ops"'
sed -i '/^with engine.connect/i with engine.begin() as first:\n    first.exec_driver_sql("create schema if not exists ops")' "$PROJECT/migrations/env.py"
migrates ops.versions

# 4. A table for each tenant: refused, with the reason and a way; that way works.
project
cat >"$PROJECT/migrations/env.py" <<'PY'
from alembic import context
from sqlalchemy import engine_from_config, pool
config = context.config
engine = engine_from_config(config.get_section(config.config_ini_section), prefix="sqlalchemy.", poolclass=pool.NullPool)
tenant = context.get_x_argument(as_dictionary=True).get("tenant", "public")
with engine.connect() as connection:
    connection.exec_driver_sql('set search_path to "%s"' % tenant)
    connection.dialect.default_schema_name = tenant
    context.configure(connection=connection, target_metadata=None)
    with context.begin_transaction():
        context.run_migrations()
PY
query "$DATABASE" 'create schema a; create schema b'
refused() {
  expect_failure 17 "$1" "${@:2}"
  expect_text "$TMP/three" 'one run of this project is several migrations'
  [ ! -d "$BELAY_REPO/$DATABASE" ] || fail 'a snapshot was taken'
}
in_project() { (cd "$PROJECT" && "$BELAY" "$@"); }
refused "env.py chooses a tenant's schema by -x" in_project migrate -d "$DATABASE" -- /usr/bin/alembic -x tenant=a upgrade head
expect_error 17 "env.py chooses a tenant's schema by -x" in_project ready -d "$DATABASE" -- /usr/bin/alembic -x tenant=a upgrade head
printf 'for tenant in a b; do\n  /usr/bin/alembic -x tenant=$tenant upgrade head || exit 1\ndone\n' >"$PROJECT/tenants"
expect_exit 0 in_project migrate -d "$DATABASE" -- sh tenants
holds a.alembic_version r1
holds b.alembic_version r1
# The same in a loop of env.py.
project 's/^with engine.connect.*/for tenant in ("a", "b"):\n  with engine.connect() as connection:\n    migrate(connection)/; /^    context/d; /^    with context/d; /^        context/d'
sed -i 's/^config = /def migrate(connection):\n    context.configure(connection=connection)\n    with context.begin_transaction():\n        context.run_migrations()\n&/' "$PROJECT/migrations/env.py"
refused 'env.py migrates several times, in a loop' migrate

# 5. Two sections of one ini, two tables in one database: each by its name.
project 's/target_metadata=None/version_table=config.get_main_option("table")/'
cat >>"$PROJECT/alembic.ini" <<INI
table = first_versions
[other]
script_location = %(here)s/migrations
sqlalchemy.url = postgresql+psycopg2:///$DATABASE
table = other_versions
INI
migrates public.first_versions
expect_failure 17 'name it with --version-table' bash -c "psql -Xq -d $DATABASE -c 'create table other_versions (version_num text)'; cd '$PROJECT' && '$BELAY' migrate -- /usr/bin/alembic -n other upgrade head"
expect_exit 0 migrate --version-table public.first_versions
expect_text "$TMP/stdout" 'nothing is pending'
query "$DATABASE" 'drop table one'
expect_exit 0 in_project migrate --version-table other_versions -- /usr/bin/alembic -n other upgrade head
holds other_versions r1
expect_exit 0 in_project ready --version-table other_versions -- /usr/bin/alembic -n other upgrade head

# 6. Several databases in one run, as the template multidb has it.
project
cp /usr/lib/python3/dist-packages/alembic/templates/multidb/env.py "$PROJECT/migrations/env.py"
cat >"$PROJECT/alembic.ini" <<INI
[alembic]
script_location = %(here)s/migrations
databases = engine1, engine2
[engine1]
sqlalchemy.url = postgresql+psycopg2:///$DATABASE
[engine2]
sqlalchemy.url = postgresql+psycopg2:///postgres
INI
refused 'env.py migrates several databases, one after the other' migrate -d "$DATABASE"

# 7. No primary key, a wider column, more columns.
configure 'version_table_pk=False'
migrates public.alembic_version
configure 'version_table="history"'
query "$DATABASE" 'create table history (version_num varchar(255) not null, since timestamptz default now())'
migrates public.history

# 8. No table and an empty one are both base.
project
query "$DATABASE" 'create table alembic_version (version_num varchar(32) primary key)'
migrates public.alembic_version
expect_exit 0 in_project migrate -- /usr/bin/alembic downgrade base
[ "$(query "$DATABASE" 'select count(*) from alembic_version')" = 0 ] || fail 'not at base'

# 9. A row for each branch: compared as sets.
project
revision s1 '' <<<'op.execute("create table two (i int)")'
expect_failure 16 'several heads' migrate
heads() { in_project migrate -- /usr/bin/alembic upgrade heads; }
expect_exit 0 heads
holds alembic_version 'r1 s1'
expect_exit 0 heads
expect_text "$TMP/stdout" 'nothing is pending'

# What is no loop over databases: one that waits for the server.
project 's/^with engine.connect.*/for attempt in range(3):\n  with engine.connect() as connection:/; s/^    context/      context/; s/^    with context/      with context/; s/^        context/          context/; $a\  break'
migrates public.alembic_version
