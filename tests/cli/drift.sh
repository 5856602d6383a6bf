#!/usr/bin/env bash
# What the journal remembers of the last run: its revision files, so that edited and reused ones are seen;
# its revisions, so that an older image is told what is there; its schema, so that drift is shown.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"
# shellcheck source=tests/cli/alembic.inc
source "$(dirname "$0")/alembic.inc"

new_database
alembic_project "$DATABASE"
versions=$PROJECT/migrations/versions
query "$DATABASE" 'create table public.users (id int primary key, name text)'
revision r1 '' <<<'op.execute("alter table public.users add mail text")'
revision r2 r1 <<<'op.execute("alter table public.users add phone text")'
expect_exit 0 migrate
expect_no_text "$TMP/stdout" 'the schema is not as'

# A file that was edited after it was applied: a warning, also where nothing is pending.
cp "$versions/r1.py" "$TMP/r1.py"
echo '# edited' >>"$versions/r1.py"
expect_exit 0 migrate
expect_text "$TMP/stderr" 'r1.py of revision r1 was edited after it was applied'
revision r3 r2 <<<'op.execute("alter table public.users add fax text")'
expect_exit 0 migrate --json
expect_text "$TMP/stdout" 'r1.py of revision r1 was edited after it was applied'
cp "$TMP/r1.py" "$versions/r1.py"
expect_exit 0 migrate
expect_no_text "$TMP/stderr" edited

# An id that was applied, and is another revision now: refused before anything is done, where something is
# pending.
before=$(find "$BELAY_REPO" -name '*.belay' | wc -l)
cp "$versions/r2.py" "$TMP/r2.py"
revision r0 r1 <<<'pass'
sed -i "s/^down_revision = .*/down_revision = 'r0'/" "$versions/r2.py"
expect_exit 0 migrate
expect_text "$TMP/stderr" 'revision r2 was applied after r1; r2.py now puts it after r0'
revision r4 r3 <<<'pass'
expect_failure 14 'revision r2 was applied after r1; r2.py now puts it after r0' migrate
[ "$(find "$BELAY_REPO" -name '*.belay' | wc -l)" = "$before" ] || fail 'a snapshot was taken'
rm "$versions/r0.py" "$versions/r4.py"
cp "$TMP/r2.py" "$versions/r2.py"
# Squashed into one: its parent is gone, so it is an edit.
rm "$versions/r1.py"
revision r2 '' <<<'pass'
expect_exit 0 migrate
expect_text "$TMP/stderr" 'r2.py of revision r2 was edited after it was applied'
cp "$TMP/r1.py" "$TMP/r2.py" "$versions"

# An older image: who brought the database there is told.
mv "$versions/r3.py" "$TMP"
expect_failure 15 'applied r3 on' migrate
expect_text "$TMP/three" 'this image ends at r2'
expect_text "$TMP/three" 'belay rollback --run'
expect_error 15 'this image ends at r2' bash -c "cd '$PROJECT' && '$BELAY' ready"
mv "$TMP/r3.py" "$versions"

# Drift, when something is pending: object by object, before anything runs. The snapshot covers it.
query "$DATABASE" 'create table public.by_hand (i int); alter table public.users alter mail set not null; alter table public.users drop phone'
expect_exit 0 migrate
expect_no_text "$TMP/stderr" 'the schema is not as'
revision r4 r3 <<<'op.execute("select 1")'
expect_failure 14 'the schema is not as run' migrate --gate require
expect_text "$TMP/stdout" 'added    table public.by_hand'
[ "$(version_of "$DATABASE")" = r3 ] || fail 'a refused run migrated'
expect_exit 0 migrate
grep -A 3 'added    table public.by_hand' "$TMP/stdout" | grep -q 'changed  table public.users: columns.mail' || { cat "$TMP/stdout" >&2; fail 'no change of a table'; }
grep -q 'columns.phone' "$TMP/stdout" || fail 'no removed column'
[ "$(grep -nm 1 'by_hand' "$TMP/stdout" | cut -d: -f1)" -lt "$(grep -nm 1 'taking a snapshot' "$TMP/stdout" | cut -d: -f1)" ] || fail 'not before anything was done'
expect_text "$TMP/stderr" 'the schema is not as run'
# The run took it as it was; and one record is kept, not one for each run.
revision r5 r4 <<<'op.execute("select 1")'
expect_exit 0 migrate
expect_no_text "$TMP/stderr" 'the schema is not as run'
[ "$(find "$BELAY_REPO/journal" -name '*.schema' | wc -l)" = 1 ] || fail 'not one record'

# After a rollback the schema before the run is what is expected, and its revisions are not applied.
revision r6 r5 <<<'op.execute("create table public.six (i int)")'
expect_exit 0 migrate
expect_exit 0 "$BELAY" rollback -d "$DATABASE"
revision r6 r5 <<<'op.execute("create table public.other (i int)")'
expect_exit 0 migrate
expect_no_text "$TMP/stderr" 'the schema is not as run'
expect_no_text "$TMP/stderr" 'was edited'
