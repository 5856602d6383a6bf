#!/usr/bin/env bash
# belay alembic: the version tables as the migrator finds them, heads without Python, and the reset.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"
# shellcheck source=tests/cli/alembic.inc
source "$(dirname "$0")/alembic.inc"

here() { (cd "$PROJECT" && "$BELAY" alembic "$@"); }
alembic() { (cd "$PROJECT" && /usr/bin/alembic "$@") >/dev/null 2>&1; }
new_database
app=$DATABASE
alembic_project "$app"

# Nothing there yet; base needs no table, and makes none.
expect_exit 0 here current
expect_text "$TMP/stdout" 'the database is at base'
expect_exit 0 here heads
expect_text "$TMP/stdout" 'there are no revisions'
expect_exit 0 here stamp base
[ "$(query "$app" "select count(*) from pg_class where relname = 'alembic_version'")" = 0 ] || fail 'base made a table'

revision aaaa1 '' <<<'op.execute("create table public.one (i int)")'
revision aaaa2 aaaa1 <<<'pass'
revision bbbb1 aaaa2 <<<'pass'
revision bbbb2 aaaa2 <<<'pass'
sed -i "1a branch_labels = ('side',)" "$PROJECT/migrations/versions/bbbb2.py"
expect_exit 0 here heads --json
expect_json "$TMP/stdout" '{heads,0,revision}' bbbb1
expect_json "$TMP/stdout" '{heads,1,labels,0}' side

# The table is made as Alembic makes it: Alembic works on, and makes the same.
expect_exit 0 here stamp aaaa1
expect_text "$TMP/stdout" 'stamped public.alembic_version: base -> aaaa1'
alembic upgrade aaaa2 || fail 'Alembic does not take the table'
[ "$(version_of "$app")" = aaaa2 ] || fail 'Alembic did not go on from there'
"$BELAY" schema -d "$app" | grep -A 10 alembic_version >"$TMP/made"
query "$app" 'drop table alembic_version'
alembic stamp aaaa2
"$BELAY" schema -d "$app" | grep -A 10 alembic_version | cmp - "$TMP/made" || fail 'Alembic makes another table'

# What it takes, and that the table then holds exactly that.
stamped() { # WANTED ARGUMENT...
  local wanted=$1
  shift
  expect_exit 0 here stamp "$@"
  [ "$(query "$app" "select string_agg(version_num, ' ' order by version_num) from alembic_version")" = "$wanted" ] ||
    fail "stamp $* left $(version_of "$app") instead of $wanted"
}
stamped 'bbbb1 bbbb2' heads
expect_exit 0 here current
expect_text "$TMP/stdout" 'public.alembic_version  bbbb1, bbbb2'
stamped 'aaaa1' aaaa1
stamped 'bbbb2' side@head
stamped 'bbbb1 bbbb2' bbbb1 side
stamped 'bbbb1' bbbb1 aaaa1 # an ancestor has no row beside its descendant
stamped '' base
stamped 'aaaa2' aaaa2
expect_exit 0 here stamp aaaa2 --json
expect_json "$TMP/stdout" '{changed}' false
expect_exit 0 here stamp --dry-run --json heads
expect_json "$TMP/stdout" '{after,1}' bbbb2
expect_json "$TMP/stdout" '{before,0}' aaaa2
[ "$(version_of "$app")" = aaaa2 ] || fail 'a dry run changed something'

# What it refuses.
expect_error 16 'several heads' here stamp head
expect_error 17 'no such revision' here stamp cccc1
expect_error 17 'several revisions begin so' here stamp bbbb
expect_error 17 'no such revision' here stamp +1
expect_error 2 'no revision given' here stamp
expect_error 2 'other arguments' here forward
expect_error 2 'other arguments' here current bbbb1
[ "$(version_of "$app")" = aaaa2 ] || fail 'a refused stamp changed something'

# By force, as it is written, as far as the column holds it; known ones keep their meaning.
stamped 'bbbb2 cccc1' --force cccc1 side
expect_error 17 'takes 32 characters' here stamp --force "$(printf 'x%.0s' {1..33})"
stamped "$(printf 'x%.0s' {1..32})" --force "$(printf 'x%.0s' {1..32})"
expect_error 17 'several revisions begin so' here stamp --force bbbb
stamped 'bbbb1' --force bbbb1

# Without Python, without a project: only base, and ids by force.
lost() { (cd / && PATH=/nowhere "$BELAY" alembic "$@" -d "$app"); }
expect_exit 0 lost stamp --force "it's"
[ "$(version_of "$app")" = "it's" ] || fail 'not stamped without a project'
expect_exit 0 lost current --json
expect_json "$TMP/stdout" '{tables,0,revisions,0}' "it's"
expect_exit 0 lost stamp base
[ "$(version_of "$app")" = '' ] || fail 'base left something'
expect_error 17 'there is no configuration of Alembic' lost stamp aaaa1
expect_error 17 'no revision files are known here' lost stamp --force heads

# Revision files that are not literal: Alembic itself is asked, with its own interpreter.
echo 'down_revision = str("aaaa1")' >>"$PROJECT/migrations/versions/aaaa2.py"
expect_exit 0 here heads
expect_text "$TMP/stdout" 'bbbb2  side'
stamped 'bbbb1' bbbb1
without_alembic() { (cd "$PROJECT" && PATH=/nowhere "$BELAY" alembic "$@"); }
expect_error 17 'alembic' without_alembic heads
expect_exit 0 without_alembic current
expect_exit 0 without_alembic stamp --force dddd1
expect_text "$TMP/stderr" 'no revision is known'
[ "$(version_of "$app")" = dddd1 ] || fail 'force needed Python'
sed -i '$d' "$PROJECT/migrations/versions/aaaa2.py"

# Several version tables: those of the role's search_path are meant, or the one that is named.
psql -d "$app" -c 'create schema tenant; create schema other; create table other.alembic_version (version_num text);
  create table tenant.alembic_version (version_num varchar(32)); insert into tenant.alembic_version values ($$aaaa1$$)'
expect_exit 0 here current --json
expect_json "$TMP/stdout" '{tables,2,table}' tenant.alembic_version
stamped 'aaaa2' aaaa2 # env.py says: the one that the name alone means
expect_error 17 'several tables could be the version table: other.alembic_version, public.alembic_version' \
  lost stamp --force aaaa1
expect_text "$TMP/stderr" 'name it with --version-table SCHEMA.NAME'
expect_exit 0 lost stamp --force aaaa2 --version-table tenant.alembic_version
[ "$(query "$app" 'select version_num from tenant.alembic_version')" = aaaa2 ] || fail 'the wrong table was stamped'
expect_error 17 'no such version table' lost stamp --force aaaa2 --version-table tenant.nothing
expect_error 2 'SCHEMA.NAME is expected' lost stamp --force aaaa2 --version-table a.b.c
expect_exit 0 lost current --version-table '"other"."alembic_version"'
expect_text "$TMP/stdout" 'other.alembic_version  base'
# A longer column holds more.
expect_exit 0 lost stamp --force "$(printf 'x%.0s' {1..40})" --version-table other.alembic_version
psql -d "$app" -c "alter database $app set search_path = tenant, public"
expect_exit 0 here stamp aaaa1
expect_text "$TMP/stdout" 'stamped tenant.alembic_version: aaaa2 -> aaaa1'
query "$app" 'drop table tenant.alembic_version; drop table public.alembic_version; drop table other.alembic_version'
expect_exit 0 here stamp aaaa1
[ "$(query "$app" 'select version_num from tenant.alembic_version')" = aaaa1 ] || fail 'not made where Alembic would'

# The database of the project, and no other one.
new_database
expect_error 13 'these migrations are of another database' here stamp aaaa1 -d "$DATABASE"

# Its locks are those of migrate; a session that writes the table is waited for, not broken.
hold() { # SQL: a session that keeps its transaction open until its input ends
  coproc HOLDER { psql -At -d "$app" 2>&1; }
  holder=$HOLDER_PID
  echo "begin; $1; select 'held';" >&"${HOLDER[1]}"
  until IFS= read -r line <&"${HOLDER[0]}" && [ "$line" = held ]; do :; done
}
let_go() {
  echo 'commit; \q' >&"${HOLDER[1]}"
  wait "$holder" 2>/dev/null || true
}
hold "select pg_advisory_lock_shared(x'62656C61'::int, 1)"
expect_error 20 'another run holds the lock' here stamp aaaa2 --wait 0s
let_go
hold "update tenant.alembic_version set version_num = 'aaaa2'"
expect_error 20 'another session works on the version table' here stamp bbbb1 --wait 0s
here stamp bbbb1 --json >"$TMP/waited" 2>&1 &
waiter=$!
waits() { [ "$(query "$app" "select count(*) from pg_locks where locktype = 'advisory' and mode = 'ExclusiveLock'")" -ge 2 ]; }
wait_for 20 waits
let_go
wait "$waiter" || { cat "$TMP/waited" >&2; fail 'a stamp that waited failed'; }
expect_json "$TMP/waited" '{before,0}' aaaa2
expect_json "$TMP/waited" '{after,0}' bbbb1

# A role that may not: refused by name, and nothing is left locked.
new_role login
expect_exit 3 "$BELAY" alembic current -d "$app" -U "$ROLE"
