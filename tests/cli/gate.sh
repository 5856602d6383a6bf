#!/usr/bin/env bash
# The gate with archives that are not this database's, or not what was proved; and an env.py that
# exits with 0 without having committed.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"
# shellcheck source=tests/cli/alembic.inc
source "$(dirname "$0")/alembic.inc"

new_database
alembic_project "$DATABASE"
archives() { find "$BELAY_REPO" -name '*.belay' 2>/dev/null | wc -l; }

query "$DATABASE" "create table public.users (id serial primary key, name text); insert into users (name) values ('a')" >/dev/null
revision r1 '' <<<'op.execute("alter table public.users add mail text")'

# Only archives of another database: as if there were none.
here=$DATABASE
new_database
other=$DATABASE
query "$other" 'create table t (i int)' >/dev/null
"$BELAY" backup -q -d "$other" --verify compared
expect_failure 11 'there is no backup' migrate --gate require
expect_three_lines

# The same name and environment, but another database: its archive must not vouch for this one.
DATABASE=$here
"$BELAY" backup -q -d "$here" --env prod --verify compared
drop_database "$here"
psql -d postgres -c "create database $here"
query "$here" "create table public.users (id serial primary key, name text); insert into users (name) values ('a')" >/dev/null
expect_failure 13 'another' migrate --gate require --env prod
expect_three_lines
expect_failure 13 'another' migrate --env prod --archive "$(find "$BELAY_REPO/$here" -name '*.belay')"
[ "$(query "$here" "select count(*) from pg_class where relname = 'alembic_version'")" = 0 ] || fail 'a refused run migrated'

# env.py connects elsewhere than -d, though the ini names -d's.
sed -i "s|^engine = .*|from sqlalchemy import create_engine\nengine = create_engine('postgresql+psycopg2:///$other')|; /poolclass/d" "$PROJECT/migrations/env.py"
expect_failure 13 'a URL in env.py means' migrate -d "$here"
[ "$(query "$other" "select count(*) from pg_class where relname = 'alembic_version'")" = 0 ] || fail 'the other database was migrated'
alembic_project "$here"
revision r1 '' <<<'op.execute("alter table public.users add mail text")'

# In mode snapshot a damaged archive, and one that was swapped after its proof, are named; a new one
# is taken.
rm -rf "${BELAY_REPO:?}"
"$BELAY" backup -q -d "$here" --verify compared
archive=$(find "$BELAY_REPO" -name '*.belay')
head -c 600 "$archive" >"$TMP/cut"
cp "$TMP/cut" "$archive"
expect_exit 0 migrate
expect_text "$TMP/stderr" "${archive##*/}"
expect_text "$TMP/stderr" 'cannot be relied on'
[ "$(archives)" = 2 ] || fail 'no new snapshot beside the damaged archive'
revision r2 r1 <<<'op.execute("alter table public.users add more text")'
rm -rf "${BELAY_REPO:?}"
"$BELAY" backup -q -d "$here" --verify compared
archive=$(find "$BELAY_REPO" -name '*.belay')
"$BELAY" backup -q -d "$here" -f "$TMP/swapped.belay"
cp "$TMP/swapped.belay" "$archive"
expect_exit 0 migrate
expect_text "$TMP/stderr" 'its receipt is of other bytes'
[ "$(archives)" = 2 ] || fail 'no new snapshot beside the swapped archive'
[ "$(version_of "$here")" = r2 ] || fail 'r2 was not reached'

# As it happens: a statement before configure() begins a transaction that nobody commits. Alembic
# says that it ran, and exits with 0.
revision r3 r2 <<<'op.execute("create table public.lost (i int)")'
sed -i 's/^                            poolclass=pool.NullPool)/                            poolclass=pool.NullPool, future=True)/; s/^with engine.connect() as connection:/from sqlalchemy import text\nwith engine.connect() as connection:\n    connection.execute(text("select 1"))/' "$PROJECT/migrations/env.py"
(cd "$PROJECT" && /usr/bin/alembic upgrade head) >/dev/null 2>&1 || fail 'the test has no effect: Alembic fails'
[ "$(version_of "$here")" = r2 ] || fail 'the test has no effect: Alembic commits'
expect_failure 32 'exited with 0, but the database is at r2 instead of r3' migrate
[ "$(query "$here" "select count(*) from pg_class where relname = 'lost'")" = 0 ] || fail 'something was committed'
