#!/usr/bin/env bash
# Before the pending revisions drop what holds data, migrate says so, with the counts; nothing connects for it.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"
# shellcheck source=tests/cli/alembic.inc
source "$(dirname "$0")/alembic.inc"

new_database
alembic_project "$DATABASE"
# As Alembic's own template: with an offline mode. It counts how often it was loaded, and connected.
cp "$PROJECT/migrations/env.py" "$TMP/online.py"
{
  cat <<PY
import sys
from alembic import context
def count(what):
    open("$TMP/" + what, "a").write(".")
count("loaded")
print("it's what env.py likes to say")
if context.is_offline_mode():
    context.configure(url=context.config.get_main_option("sqlalchemy.url"), literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
PY
  sed 's/^/    /; s/^    with engine.connect.*/&\n        count("connected")/' "$TMP/online.py"
} >"$PROJECT/migrations/env.py"
times() { if [ -e "$TMP/$1" ]; then wc -c <"$TMP/$1"; else echo 0; fi; }
migrated() {
  rm -f "$TMP/loaded" "$TMP/connected"
  expect_exit 0 migrate --gate off --reason 'only what it says matters' "$@"
}
lost() { expect_text "$TMP/stderr" "warning: the pending revisions drop $1"; }

query "$DATABASE" "create schema app;
  create table public.users (id serial primary key, mail text, never text);
  insert into users (mail) values ('a'), ('b'), (null);
  create table public.\"Odd \"\"Name\" (i int); insert into \"Odd \"\"Name\" values (1);
  create table app.orders (i int); insert into app.orders select generate_series(1, 12);
  create table public.bare (i int); create table public.kept (i int); insert into kept values (1)" >/dev/null

# Nothing is dropped: nothing is rendered.
revision r1 '' <<<'op.add_column("users", __import__("sqlalchemy").Column("more", __import__("sqlalchemy").Text))'
migrated
[ "$(times loaded)" = 1 ] || fail 'it was rendered for nothing'
[ "$(times connected)" = 1 ] || fail 'the test has no effect'

revision r2 r1 <<'PY'
op.execute("comment on table kept is 'drop table kept'")
op.drop_column("users", "mail")
op.execute("alter table users drop constraint users_pkey, drop never")
op.drop_table("orders", schema="app")
op.execute("drop table \"Odd \"\"Name\"")
op.execute("create table passing (i int)")
op.drop_table("passing")
op.drop_table("bare")
PY
# The gate runs neither env.py nor a revision: it says where something may be dropped, by the text, and that migrate will count it.
rm -f "$TMP/loaded"
expect_exit 0 "$BELAY" gate -- /usr/bin/alembic -c "$PROJECT/alembic.ini" upgrade head
expect_text "$TMP/stdout" 'r2 may drop data: migrate tells what, with the counts, once its snapshot is proved'
[ "$(times loaded)" = 0 ] || fail 'the gate ran env.py'
expect_exit 0 "$BELAY" gate --json -- /usr/bin/alembic -c "$PROJECT/alembic.ini" upgrade head
expect_json "$TMP/stdout" '{may_drop}' '["r2"]'
expect_exit 0 "$BELAY" gate -- /usr/bin/alembic -c "$PROJECT/alembic.ini" upgrade r1
expect_no_text "$TMP/stdout" 'may drop'

migrated --json
json "$TMP/stdout" '{notes}' >"$TMP/notes"
expect_text "$TMP/notes" 'the pending revisions drop column public.users.mail, which holds 2 values'
expect_text "$TMP/notes" 'the pending revisions drop table app.orders, which holds 12 rows'
expect_text "$TMP/notes" 'which holds 1 row"'
[ "$(json "$TMP/stdout" '{notes}' | grep -o 'pending revisions' | wc -l)" = 3 ] || { cat "$TMP/notes" >&2; fail 'more or less than three losses'; }
[ "$(times loaded)" = 2 ] || fail 'not rendered once and run once'
[ "$(times connected)" = 1 ] || fail 'it connected to be rendered'

# What reads rows does not render: what was rendered before it is told, and that it was not looked at.
revision r3 r2 <<<'op.drop_table("kept")'
revision r4 r3 <<<'[op.execute("drop table users") for row in op.get_bind().execute("select 1").fetchall()]'
migrated
lost 'table public.kept, which holds 1 row'
expect_no_text "$TMP/stderr" 'table public.users'
expect_text "$TMP/stdout" 'r4 and what follows it do not render as SQL (AttributeError'
expect_text "$TMP/stdout" 'not looked at for data that is dropped'
[ "$(query "$DATABASE" "select to_regclass('users') is null")" = t ] || fail 'r4 was not run'

# An env.py without an offline mode would connect: it may not.
query "$DATABASE" 'create table late (i int); insert into late values (1)' >/dev/null
revision r5 r4 <<<'op.drop_table("late")'
cp "$TMP/online.py" "$PROJECT/migrations/env.py"
migrated
expect_text "$TMP/stdout" 'the pending revisions do not render as SQL'
expect_text "$TMP/stdout" 'it connects to a database'
[ "$(version_of "$DATABASE")" = r5 ] || fail 'r5 was not reached'

# One that hides its errors has rendered nothing.
revision r6 r5 <<<'op.execute("drop table if exists late")'
sed 's/^/    /; 1s/^/try:\n/' "$TMP/online.py" >"$PROJECT/migrations/env.py"
printf 'except Exception as error:\n    if not context.is_offline_mode():\n        raise\n' >>"$PROJECT/migrations/env.py"
migrated
expect_text "$TMP/stdout" 'r6 was not rendered as SQL: not looked at'
