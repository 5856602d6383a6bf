#!/usr/bin/env bash
# Other tools than Alembic, by their tables: how far the database is, what was left half done (14), the tool's
# own lock (20), and whether what was pending was reached (32). sqitch and Django are real, the others' tables
# made by hand.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"
# shellcheck source=tests/cli/alembic.inc
source "$(dirname "$0")/alembic.inc"

export BELAY_KEEP_COPY=0
# tool NAME BODY: a program of that name, which runs the SQL of BODY where it is asked to do something.
mkdir "$TMP/bin"
export PATH=$TMP/bin:$PATH
tool() {
  printf '#!/bin/bash\necho %s: "$@"\n%s\n' "$1" "$2" >"$TMP/bin/$1"
  chmod +x "$TMP/bin/$1"
}
sql() { printf '"%s/psql" -Xqd "$PGDATABASE" -v ON_ERROR_STOP=1 -c "%s"\n' "$PG_BINDIR" "$1"; }
started() { new_database; export PGDATABASE=$DATABASE; rm -rf "$TMP/work"; mkdir "$TMP/work"; }
belay_migrate() { (cd "$TMP/work" && "$BELAY" migrate "${OPTIONS[@]}" -- "$@"); }
OPTIONS=()
archives() { find "$BELAY_REPO/$DATABASE" -name '*.belay' 2>/dev/null | wc -l; }

# Flyway: files against the table; then a failed one.
started
mkdir "$TMP/work/sql"
touch "$TMP/work/sql/V1__one.sql" "$TMP/work/sql/V1_1__two.sql"
query "$DATABASE" "create table flyway_schema_history (installed_rank int, version text, script text, success bool); insert into flyway_schema_history values (1, '1', 'V1__one.sql', true)"
tool flyway "$(sql "insert into flyway_schema_history values (2, '1.1', 'V1_1__two.sql', true)")"
expect_exit 0 belay_migrate flyway migrate
expect_text "$TMP/stdout" 'migrated: 1 -> 1, 1.1'
expect_exit 0 belay_migrate flyway migrate
expect_text "$TMP/stdout" 'nothing is pending'
[ "$(archives)" = 1 ] || fail 'a snapshot was taken for nothing'
touch "$TMP/work/sql/V2__three.sql"
tool flyway 'exit 0'
expect_failure 32 'instead of 1, 1.1, 2' belay_migrate flyway migrate
query "$DATABASE" "insert into flyway_schema_history values (3, '2', 'V2__three.sql', false)"
expect_failure 14 'flyway says so of 2' belay_migrate flyway migrate
[ "$(archives)" = 2 ] || fail 'a snapshot was taken although the tool says that something is half done'

# Prisma, through npx: half done, then marked as rolled back.
started
mkdir -p "$TMP/work/prisma/migrations/1_init" && touch "$TMP/work/prisma/migrations/1_init/migration.sql"
query "$DATABASE" "create table _prisma_migrations (migration_name text, finished_at timestamptz, rolled_back_at timestamptz); insert into _prisma_migrations values ('1_init', null, null)"
tool npx "$(sql "insert into _prisma_migrations values ('1_init', now(), null)")"
expect_failure 14 'prisma says so of 1_init' belay_migrate npx prisma migrate deploy
query "$DATABASE" 'update _prisma_migrations set rolled_back_at = now()'
expect_exit 0 belay_migrate npx prisma migrate deploy
expect_text "$TMP/stdout" 'migrated: base -> 1_init'
expect_exit 0 belay_migrate npx prisma migrate deploy
expect_text "$TMP/stdout" 'nothing is pending'

# golang-migrate keeps one row; named with --tool behind a script, whose arguments show nothing.
started
mkdir "$TMP/work/migrations"
touch "$TMP/work/migrations/000007_a.up.sql" "$TMP/work/migrations/000012_b.up.sql" "$TMP/work/migrations/000012_b.down.sql"
query "$DATABASE" 'create table schema_migrations (version bigint, dirty bool); insert into schema_migrations values (7, false)'
tool migrate "$(sql 'update schema_migrations set version = 12')"
expect_exit 0 belay_migrate migrate -path migrations -database postgres:///x up
expect_text "$TMP/stdout" 'migrated: 7 -> 12'
expect_exit 0 belay_migrate migrate -path migrations -database postgres:///x up
expect_text "$TMP/stdout" 'nothing is pending'
query "$DATABASE" 'update schema_migrations set dirty = true'
expect_failure 14 'golang-migrate says so of 12' belay_migrate migrate -path migrations -database postgres:///x up
OPTIONS=(--tool golang-migrate)
expect_failure 14 'golang-migrate says so of 12' belay_migrate sh -c true
OPTIONS=(--tool none)
expect_exit 0 belay_migrate migrate -path migrations -database postgres:///x up
OPTIONS=(--tool alembic)
expect_exit 2 belay_migrate true
OPTIONS=()

# Rails, dbmate: every version is a row.
started
mkdir -p "$TMP/work/db/migrate" "$TMP/work/db/migrations"
touch "$TMP/work/db/migrate/20250101_a.rb" "$TMP/work/db/migrations/20250101_a.sql" "$TMP/work/db/migrations/20250202_b.sql"
query "$DATABASE" "create table schema_migrations (version text)"
tool bundle "$(sql "insert into schema_migrations values ('20250101')")"
expect_exit 0 belay_migrate bundle exec rails db:migrate
expect_text "$TMP/stdout" 'migrated: base -> 20250101'
expect_exit 0 belay_migrate bundle exec rails db:migrate
expect_text "$TMP/stdout" 'nothing is pending'
tool dbmate 'exit 0'
expect_failure 32 'instead of 20250101, 20250202' belay_migrate dbmate up

# Liquibase: its lock table is waited for, and who holds it is told.
started
query "$DATABASE" "create table databasechangelog (id text, author text, md5sum text); create table databasechangeloglock (id int, locked bool, lockgranted timestamp, lockedby text); insert into databasechangeloglock values (1, true, '2026-01-01', 'host-7')"
tool liquibase 'exit 0'
OPTIONS=(--wait 1s)
expect_failure 20 'by host-7 since 2026-01-01' belay_migrate liquibase update
[ "$(archives)" = 0 ] || fail 'a snapshot was taken under another lock'
OPTIONS=()
("$BELAY" migrate --wait 60s -- liquibase update >"$TMP/waited" 2>&1; echo $? >"$TMP/status") &
wait_for 20 bash -c "[ \"\$('$PG_BINDIR/psql' -XAtd postgres -c \"select count(*) from pg_locks l join pg_database d on d.oid = l.database where locktype = 'advisory' and datname = '$DATABASE'\")\" -gt 0 ]"
query "$DATABASE" 'update databasechangeloglock set locked = false'
wait
[ "$(cat "$TMP/status")" = 0 ] || { cat "$TMP/waited" >&2; fail 'did not go on when the lock was free'; }

# Two tables that could be meant.
query "$DATABASE" 'create schema other; create table other.schema_migrations (version text); create schema more; create table more.schema_migrations (version text)'
expect_failure 17 'in the schemas' belay_migrate dbmate up

# sqitch, the real one.
if command -v sqitch >/dev/null && perl -MDBD::Pg -e 1 2>/dev/null; then
  started
  (
    cd "$TMP/work"
    export SQITCH_FULLNAME=Tester SQITCH_EMAIL=tester@example.org
    sqitch init music --engine pg --target "db:pg:$DATABASE" --client "$PG_BINDIR/psql"
    sqitch add one -n 'first'
    echo 'create table one (i int);' >deploy/one.sql
    printf -- '-- nothing\n' | tee verify/one.sql revert/one.sql
  ) >"$TMP/log" 2>&1 || { cat "$TMP/log" >&2; fail 'sqitch'; }
  export SQITCH_FULLNAME=Tester SQITCH_EMAIL=tester@example.org
  expect_exit 0 belay_migrate sqitch deploy
  expect_text "$TMP/stdout" 'migrated: base -> music:one'
  expect_exit 0 belay_migrate sqitch deploy
  expect_text "$TMP/stdout" 'nothing is pending'
  (cd "$TMP/work" && sqitch add two -n 'second' && echo 'select 1 / 0;' >deploy/two.sql) >"$TMP/log" 2>&1 || { cat "$TMP/log" >&2; fail 'sqitch'; }
  belay_migrate sqitch deploy >"$TMP/stdout" 2>&1 && fail 'a failed change is no success'
  echo 'create table two (i int);' >"$TMP/work/deploy/two.sql"
else
  echo 'sqitch is not installed: its part was not run' >&2
fi

# Django, the real one: no files are read, so it always gets its snapshot.
if /usr/bin/python3 -c 'import django' 2>/dev/null; then
  started
  cat >"$TMP/work/manage.py" <<PY
import sys
from django.conf import settings
from django.core.management import execute_from_command_line
settings.configure(INSTALLED_APPS=["django.contrib.contenttypes"], DATABASES={"default": {
    "ENGINE": "django.db.backends.postgresql", "NAME": "$DATABASE", "HOST": "$PGHOST", "USER": "$PGUSER", "PORT": "$PGPORT"}})
execute_from_command_line(sys.argv)
PY
  expect_exit 0 belay_migrate /usr/bin/python3 manage.py migrate
  expect_text "$TMP/stdout" 'migrated: base -> contenttypes.0001_initial, contenttypes.0002_remove_content_type_name'
else
  echo 'Django is not installed: its part was not run' >&2
fi
