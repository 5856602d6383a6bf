#!/usr/bin/env bash
# What a command has left where neither the schema nor a table's counters show it, and the way back where
# nobody knows whether rows have changed.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"
# shellcheck source=tests/cli/alembic.inc
source "$(dirname "$0")/alembic.inc"

superuser=$PGUSER
new_role login createdb
new_database owner "$ROLE"
at_exit export PGUSER="$superuser"
export PGUSER=$ROLE
query "$DATABASE" "create table t (i serial); insert into t default values; select lo_from_bytea(4711, 'one')" >/dev/null
# ran EXIT SQL: a command that commits each statement, and ends so.
ran() { "$BELAY" migrate -d "$DATABASE" --keep-copy 1h -- sh -c "'$PG_BINDIR/psql' -XAtq -d $DATABASE -c \"$2\"; exit $1"; }
released() { expect_exit 0 "$BELAY" release -d "$DATABASE" --reason 'a test'; }

expect_failure 31 'rows have changed' ran 1 "select lo_put(4711, 0, 'two')"
typed=$(sed -n 's/^  next: belay //p' "$TMP/three")
expect_exit 0 sh -c "'$BELAY' $typed"
[ "$(query "$DATABASE" "select convert_from(lo_get(4711), 'UTF8')")" = one ] || fail 'the large object was not taken back'
released
expect_failure 31 'a rollback keeps them' ran 1 "alter database $DATABASE set work_mem to '7MB'"
released
expect_failure 30 'rows are as before (sequences have moved)' ran 1 "select nextval('t_i_seq')"
expect_failure 30 "prepared transaction 'later'" ran 1 "begin; insert into t default values; prepare transaction '''later'''"
query "$DATABASE" "rollback prepared '''later'''"

# Somebody else is connected: a command that is well may have changed rows, and may be taken back by name.
mkfifo "$TMP/held"
psql -d "$DATABASE" <"$TMP/held" >/dev/null 2>&1 &
exec 7>"$TMP/held"
echo 'select 1;' >&7
connected() { [ "$(query postgres "select count(*) from pg_stat_activity where datname = '$DATABASE'")" -ge 1 ]; }
wait_for 10 connected
expect_exit 0 ran 0 'delete from t'
exec 7>&-
expect_error 2 'whether the last run changed rows is not known' "$BELAY" rollback -d "$DATABASE"
typed=$(sed -n 's/^  next: belay //p' "$TMP/stderr")
expect_exit 0 sh -c "'$BELAY' $typed"
[ "$(query "$DATABASE" 'select count(*) from t')" = 1 ] || fail 'the rows were not taken back'
# Where it is known that nothing changed, there is nothing to take back.
expect_exit 0 ran 0 'select 1'
expect_exit 0 "$BELAY" rollback -d "$DATABASE" --run "$("$BELAY" runs -d "$DATABASE" | tail -n 3 | grep ' ok$' | cut -d ' ' -f 1)"
expect_text "$TMP/stdout" 'left the database as it was'

# A superuser can have rows not counted: then, and where a role has that set, nothing is claimed of them. What was rolled back
# is known all the same.
not_counted() {
  expect_failure 30 'that no row changed is not proved' ran 1 "$1 update t set i = i"
  expect_text "$TMP/three" '(track_counts)'
  expect_text "$TMP/three" 'retry: not proved safe'
}
PGUSER=$superuser query postgres "alter role $ROLE set track_counts to off" >/dev/null
not_counted ''
PGUSER=$superuser query postgres "alter role $ROLE reset all" >/dev/null
export PGUSER=$superuser
without_autovacuum
not_counted 'set track_counts to off;'
expect_failure 30 'revision, schema and rows are as before' ran 1 'set track_counts to off; begin; update t set i = i; rollback'
