#!/usr/bin/env bash
# What doctor finds, and that what it prints mends it.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"

music_database
source=$DATABASE
mkdir -p "$BELAY_REPO"
expect_exit 0 "$BELAY" doctor -d "$source"
expect_text "$TMP/stdout" 'nothing would stop'
expect_exit 0 "$BELAY" doctor -d "$source" --json
expect_json "$TMP/stdout" '{checks,0,check}' 'server version'

# A backup makes its repository; what is in the way of that is found, and nothing is made.
expect_exit 0 "$BELAY" doctor -d "$source" --repo "$TMP/none/yet"
expect_text "$TMP/stdout" 'it will be created'
[ ! -e "$TMP/none" ] || fail 'doctor made the repository'
echo >"$TMP/file"
expect_exit 17 "$BELAY" doctor -d "$source" --repo "$TMP/file/yet"
expect_text "$TMP/stdout" 'is not a directory'

new_role login
reader=$ROLE
at_exit psql -d "$source" -c "drop owned by $reader"
expect_exit 17 "$BELAY" doctor -d "$source" -U "$reader"
expect_text "$TMP/stdout" "ALTER ROLE $reader CREATEDB"
expect_text "$TMP/stdout" 'obstacles were found'
# Every mend is a statement that runs, and afterwards all is well.
sed -n 's/^ *mend: \(GRANT.*\|ALTER ROLE.*\)/\1;/p' "$TMP/stdout" >"$TMP/mend.sql"
grep -q 'ON studio.songs' "$TMP/mend.sql" || fail 'no grant for a table'
psql -d "$source" -f "$TMP/mend.sql" >/dev/null
expect_exit 0 "$BELAY" doctor -d "$source" -U "$reader"
expect_text "$TMP/stdout" 'nothing would stop a backup or a drill; a rollback would be stopped'
expect_text "$TMP/stdout" "$reader has not the rights of $PGUSER, who owns the database"

# Rights are those of the role that the session becomes.
new_role nologin
psql -d postgres -c "grant $ROLE to $reader" -c "alter role $reader set role to $ROLE"
expect_exit 17 "$BELAY" doctor -d "$source" -U "$reader"
expect_text "$TMP/stdout" "GRANT SELECT ON studio.songs TO $ROLE"
expect_text "$TMP/stdout" "ALTER ROLE $ROLE CREATEDB"
psql -d postgres -c "alter role $reader reset role" -c "revoke $ROLE from $reader"

# Row security hides rows from a role that does not bypass it.
psql -d "$source" -c 'alter table studio.songs enable row level security'
expect_exit 17 "$BELAY" doctor -d "$source" -U "$reader"
expect_text "$TMP/stdout" "ALTER ROLE $reader BYPASSRLS"
psql -d "$source" -c 'alter table studio.songs disable row level security'

# What belay cannot carry yet is named.
psql -d "$source" -c 'set allow_system_table_mods = on' \
  -c 'create table pg_catalog.quiet (a int)'
expect_exit 17 "$BELAY" doctor -d "$source"
expect_text "$TMP/stdout" 'quiet'

expect_exit 3 "$BELAY" doctor -d none_such_database
