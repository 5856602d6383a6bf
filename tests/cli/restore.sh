#!/usr/bin/env bash
# Restore from a file and from a pipe, compare, and look inside.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"

music_database
source=$DATABASE
at_exit drop_database "${source}_copy"
at_exit drop_database "${source}_piped"

expect_exit 0 "$BELAY" backup -d "$source" -f "$TMP/a.belay"
expect_exit 0 "$BELAY" restore "$TMP/a.belay" -d "${source}_copy" --create -j 2
expect_text "$TMP/stdout" "restored: database ${source}_copy"
expect_text "$TMP/stdout" '550 rows'
expect_exit 0 "$BELAY" compare "$source" "${source}_copy"
expect_exit 0 "$BELAY" compare "$TMP/a.belay" "${source}_copy"
expect_text "$TMP/stdout" "its rows were not read"
expect_exit 0 "$BELAY" compare "${source}_copy" "$TMP/a.belay" --json
expect_json "$TMP/stdout" '{equal}' true
same_schema "$source" "${source}_copy"

# A pipe from end to end: the archive is all there is on the standard output.
"$BELAY" backup -d "$source" -f - 2>"$TMP/backup" |
  "$BELAY" restore - -d "dbname=${source}_piped" --create --json >"$TMP/restored"
expect_text "$TMP/backup" 'standard output'
expect_json "$TMP/restored" '{rows}' 550
expect_exit 0 "$BELAY" compare "$source" "${source}_piped"

# A cut pipe leaves nothing.
before=$(server_state)
expect_error 4 '' "$BELAY" restore - -d "${source}_cut" --create < <(head -c 9000 "$TMP/a.belay")
[ "$(server_state)" = "$before" ] || fail 'a database was left behind'

# A lost connection is a failed restore, and leaves nothing.
mkfifo "$TMP/slow"
"$BELAY" restore - -d "${source}_lost" --create <"$TMP/slow" 2>"$TMP/stderr" &
lost=$!
exec 7>"$TMP/slow"
head -c 9000 "$TMP/a.belay" >&7
terminated() { [ "$(query postgres "select bool_and(pg_terminate_backend(pid)) from pg_stat_activity where datname like '${source}_lost%'")" = t ]; }
wait_for 20 terminated
tail -c +9001 "$TMP/a.belay" >&7 2>/dev/null || true # it may have ended
exec 7>&-
status=0
wait $lost || status=$?
[ $status = 8 ] || fail "exit status $status"
expect_text "$TMP/stderr" 'nothing was left behind'
[ "$(server_state)" = "$before" ] || fail 'a database was left behind'

# What the role is set to does not change what is loaded.
new_role superuser login
for setting in 'default_tablespace = pg_default' 'array_nulls = off' 'session_replication_role = replica'; do
  psql -d postgres -c "alter role $ROLE set $setting"
done
new_database
at_exit drop_database "${DATABASE}_copy"
psql -d "$DATABASE" -c "create table p (a int[]) partition by range (a); create table p1 partition of p default;
  insert into p values ('{1,null}'); create view v as select 1 from p where a = '{null}'"
expect_exit 0 "$BELAY" backup -d "$DATABASE" -f "$TMP/set.belay" --format text
expect_exit 0 "$BELAY" restore "$TMP/set.belay" -d "${DATABASE}_copy" --create -U "$ROLE"
expect_exit 0 "$BELAY" compare "$DATABASE" "${DATABASE}_copy"
same_schema "$DATABASE" "${DATABASE}_copy"

# A difference is found and named.
psql -d "${source}_copy" -c "update studio.songs set title = 'other' where id = 7"
expect_exit 4 "$BELAY" compare "$source" "${source}_copy"
expect_text "$TMP/stdout" 'songs'
expect_exit 4 "$BELAY" compare "$TMP/a.belay" "${source}_copy" --json
expect_json "$TMP/stdout" '{equal}' false
new_database
expect_error 5 'nothing was compared' "$BELAY" compare "$DATABASE" "$DATABASE"
# What an archive left out is not compared, and so it is said; of the schema alone there is nothing to compare.
at_exit drop_database "${source}_less"
expect_exit 0 "$BELAY" backup -d "$source" -f "$TMP/less.belay" --exclude-table-data 'studio.songs'
expect_exit 0 "$BELAY" restore "$TMP/less.belay" -d "${source}_less" --create
for side in "$source" "${source}_less"; do
  expect_exit 0 "$BELAY" compare "$TMP/less.belay" "$side"
  expect_text "$TMP/stdout" 'not compared: '
  expect_text "$TMP/stdout" 'contents of table studio.songs: excluded'
done
expect_exit 0 "$BELAY" compare "$TMP/less.belay" "$source" --json
json "$TMP/stdout" '{not_compared,0}' | grep -q 'studio.songs' || fail 'the object does not say what was not compared'
expect_exit 0 "$BELAY" backup -d "$source" -f "$TMP/schema.belay" -s
expect_error 5 'schema only' "$BELAY" compare "$TMP/schema.belay" "$source"

expect_exit 0 "$BELAY" inspect "$TMP/a.belay"
expect_text "$TMP/stdout" 'studio.songs'
expect_text "$TMP/stdout" '500 rows'
expect_exit 0 "$BELAY" inspect "$TMP/a.belay" --json
expect_json "$TMP/stdout" '{database}' "$source"
expect_json "$TMP/stdout" '{receipt}' readable

# The schema is the same bytes from the database, the copy and the archive.
"$BELAY" schema -d "$source" >"$TMP/a.sql"
"$BELAY" schema "$TMP/a.belay" >"$TMP/b.sql"
expect_exit 0 "$BELAY" schema -d "${source}_piped" -f "$TMP/c.sql"
cmp "$TMP/a.sql" "$TMP/b.sql" && cmp "$TMP/a.sql" "$TMP/c.sql" || fail 'the schemas differ'
psql -d "$DATABASE" -f "$TMP/a.sql" >/dev/null
expect_exit 0 "$BELAY" schema -d "$source" --format json
grep -q studio "$TMP/stdout" || fail 'no schema in JSON'
