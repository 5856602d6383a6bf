#!/usr/bin/env bash
# The way back after a bad migration, the way forward again, and a kill at any moment of it.
# shellcheck source=tests/cli/proof.inc
source "$(dirname "$0")/proof.inc"
# shellcheck source=tests/cli/alembic.inc
source "$(dirname "$0")/alembic.inc"
proof 20

export BELAY_REPO="$TMP/it's a repository"
new_role
role=$ROLE
new_database
alembic_project "$DATABASE"
belongings() {
  query postgres "select pg_get_userbyid(datdba), datconnlimit, datallowconn, shobj_description(oid, 'pg_database'),
    (select string_agg(x::text, ' ' order by x::text) from unnest(datacl) x),
    (select string_agg(setrole || ' ' || setconfig::text, ' ' order by setrole) from pg_db_role_setting where setdatabase = d.oid)
    from pg_database d where datname = '$DATABASE'"
}
users() { query "$DATABASE" "select count(*), sum(id), count(mail) from users"; }

revision r1 '' <<'PY'
op.execute("create table public.users (id serial primary key, mail text)")
op.execute("insert into public.users (mail) select 'mail ' || i from generate_series(1, 100) i")
PY
expect_exit 0 migrate
content=$(users)
schema_of "$DATABASE" >"$TMP/before.sql"

# It reaches its revision, and destroys a column on the way.
revision r2 r1 <<<'op.execute("alter table public.users drop column mail")'
expect_failure 33 'the verify command failed' migrate --verify-command 'test 1 = 2'
typed=$(sed -n 's/^  next: belay //p' "$TMP/three")
# What belongs to the database and must still belong to it afterwards.
psql -d "$DATABASE" >/dev/null <<SQL
grant connect on database "$DATABASE" to "$role" with grant option;
revoke temporary on database "$DATABASE" from public;
alter database "$DATABASE" connection limit 90;
alter database "$DATABASE" set search_path to "\$user", public, "odd, name";
alter database "$DATABASE" set work_mem to '7MB';
alter role "$role" in database "$DATABASE" set statement_timeout to '9s';
comment on database "$DATABASE" is 'the one that matters';
SQL
psql -d "$DATABASE" -c "set role \"$role\"; grant connect on database \"$DATABASE\" to pg_monitor" >/dev/null
before=$(belongings)
query "$DATABASE" 'insert into users default values; insert into users default values' >/dev/null
psql -d "$DATABASE" -c 'select pg_sleep(600)' >/dev/null 2>&1 &
sleeper=$!
sleeps() { [ "$(query postgres "select count(*) from pg_stat_activity where query like 'select pg_sleep(600)%'")" = 1 ]; }
wait_for 10 sleeps
expect_exit 0 env -u BELAY_REPO sh -c "'$BELAY' $typed --json"
expect_json "$TMP/stdout" '{rows_only_there,0,table}' public.users
expect_json "$TMP/stdout" '{rows_only_there,0,rows}' 2
kept=$(json "$TMP/stdout" '{kept}')
wait "$sleeper" 2>/dev/null || true
[ "$(belongings)" = "$before" ] || { belongings >&2; fail "not what belonged to it: $before"; }
[ "$(users)" = "$content" ] || fail 'not the rows of before'
[ "$(query "$DATABASE" "select count(*) from pg_stats where tablename = 'users'")" -gt 0 ] || fail 'no statistics'
schema_of "$DATABASE" | cmp - "$TMP/before.sql" || fail 'not the schema of before'
[ "$(version_of "$DATABASE")" = r1 ] || fail 'not the revision of before'
[ "$(query "$kept" 'select count(*) from users')" = 102 ] || fail 'the failed database is not what it was'
psql -d "$kept" -c 'insert into users default values' >/dev/null 2>&1 && fail 'the failed database is not fenced'

# Typed twice, it does not go back twice.
expect_exit 0 "$BELAY" rollback -d "$DATABASE" --json
expect_json "$TMP/stdout" '{run}' ''
[ "$(version_of "$DATABASE")" = r1 ] || fail 'a second rollback took back another run'

# The same deploy again is held; released, it runs; the next one takes it from there.
expect_failure 18 'was rolled back' migrate
"$BELAY" runs -d "$DATABASE" --json >"$TMP/runs_before"
expect_exit 0 "$BELAY" rollback -d "$DATABASE" --undo
[ "$(query "$DATABASE" 'select count(*) from users')" = 102 ] || fail 'undo brought back other rows'
[ "$(belongings)" = "$before" ] || { belongings >&2; fail "undo lost what belonged to it"; }
expect_error 2 'can be undone' "$BELAY" rollback -d "$DATABASE" --undo
# By its archive, the run is taken back and held all the same.
archive=$BELAY_REPO/$(json "$TMP/runs_before" '{runs,-1,archive}')
expect_exit 0 "$BELAY" rollback -d "$DATABASE" "$archive"
[ "$(users)" = "$content" ] || fail 'not the rows of before, the second time'
expect_failure 18 'was rolled back' migrate
"$BELAY" runs -d "$DATABASE" --json >"$TMP/runs"
expect_json "$TMP/runs" '{runs,-1,rolled_back}' true
expect_exit 0 "$BELAY" release -d "$DATABASE" --reason 'column is not needed'
# A backup cannot carry these yet, and says so.
query postgres "alter database \"$DATABASE\" reset all" >/dev/null
query postgres "alter role \"$role\" in database \"$DATABASE\" reset all" >/dev/null
before=$(belongings)
expect_exit 0 migrate
[ "$(version_of "$DATABASE")" = r2 ] || fail 'r2 was not reached after the release'
expect_error 2 'can be undone' "$BELAY" rollback -d "$DATABASE" --undo

# An archive of another database is refused.
archive=$(find "$BELAY_REPO/$DATABASE" -name '*.belay' | sort | head -n 1)
mine=$DATABASE
new_database
expect_error 13 'of another database' "$BELAY" rollback -d "$DATABASE" "$archive"
expect_exit 0 "$BELAY" rollback -d "$DATABASE" --resume
expect_text "$TMP/stdout" 'nothing to resume'
# Begun, and then what was to come in was dropped: the journal must not hold the database for ever.
oid=$(query postgres "select oid from pg_database where datname = '$DATABASE'")
event=$(find "$BELAY_REPO/journal" -name '*-rollback-*.json' | sort | tail -n 1)
sed "s/\"old_oid\": [0-9]*/\"old_oid\": $oid/; s/\"new_oid\": [0-9]*/\"new_oid\": 1/; s/\"database_oid\": [0-9]*/\"database_oid\": $oid/; s/\"run\": \"[^\"]*/\"run\": \"20260101T000000Z-00000000/" \
  "$event" >"$BELAY_REPO/journal/29991231T000000.000000Z-x-rollback-x.json"
expect_error 41 'was not finished' "$BELAY" rollback -d "$DATABASE" "$archive"
expect_exit 0 "$BELAY" rollback -d "$DATABASE" --resume
expect_text "$TMP/stdout" 'is gone'
expect_exit 0 "$BELAY" rollback -d "$DATABASE" --resume
expect_text "$TMP/stdout" 'nothing to resume'
DATABASE=$mine
LOOPS=$((LOOPS + 1))

# Killed at any moment: a database of that name is there, and --resume (or once more) finishes.
newest() { find "$BELAY_REPO/$DATABASE" -name '*.belay' | sort | tail -n 1; }
hits=0
for ((loop = 1; loop <= COUNT; ++loop)); do
  "$BELAY" rollback -q -d "$DATABASE" "$(newest)" >"$TMP/killed" 2>&1 &
  pid=$!
  random 900
  pause "0.$(printf %03d "$R")"
  kill -KILL "$pid" 2>/dev/null || true
  status=0
  wait "$pid" 2>/dev/null || status=$?
  case $status in
    0) ;;
    137) hits=$((hits + 1)) ;;
    *) fail "rollback ended by itself with $status" ;;
  esac
  query "$DATABASE" 'select 1' >/dev/null || fail 'no database of that name'
  expect_exit 0 "$BELAY" rollback -d "$DATABASE" --resume
  [ "$(belongings)" = "$before" ] || { belongings >&2; fail 'after a kill: not what belonged to it'; }
  query "$DATABASE" 'select count(*) from users' >/dev/null || fail 'the database is not whole'
  drop_made "$DATABASE"
  LOOPS=$((LOOPS + 1))
done
echo "killed while it ran: $hits of $COUNT"
[ "$hits" -ge $((COUNT / 4)) ] || fail 'hardly a kill hit a rollback'
