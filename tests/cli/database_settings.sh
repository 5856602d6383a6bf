#!/usr/bin/env bash
# Settings of the database, and of roles in it, and default privileges come back; hostile ones do not
# stop a backup, a drill or a restore; those of roles stay behind where roles do.
# shellcheck source=tests/cli/common.inc
source "$(dirname "${BASH_SOURCE[0]}")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "${BASH_SOURCE[0]}")/belay.inc"

new_role
role=$ROLE
new_database
source=$DATABASE
at_exit drop_database "${source}_copy"
psql -d "$source" >/dev/null <<SQL
create table t (a int); insert into t values (1);
alter default privileges grant select on tables to "$role";
alter default privileges in schema public grant usage on sequences to public;
alter default privileges revoke execute on functions from public;
alter database "$source" set search_path to "a b", "\$user", public, '';
alter database "$source" set my.setting to 'it''s "%DATABASE%" \\y';
alter database "$source" set statement_timeout to '1ms';
alter database "$source" set default_transaction_read_only to on;
alter role "$role" in database "$source" set temp_tablespaces to '';
alter role "$role" in database "$source" set work_mem to '7MB';
SQL
settings_of() {
  query postgres "select coalesce(r.rolname, ''), s.setconfig from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
    left join pg_roles r on r.oid = s.setrole where d.datname = '$1' order by 1"
}
defaults_of() {
  PGOPTIONS='-c statement_timeout=0' query "$1" "select pg_get_userbyid(defaclrole), defaclnamespace <> 0, defaclobjtype, defaclacl from pg_default_acl order by 1, 2, 3"
}
wanted=$(settings_of "$source")
[ "$(wc -l <<<"$wanted")" = 2 ] || fail 'the settings of the database and of the role were not made'
[ "$(defaults_of "$source" | wc -l)" = 3 ] || fail 'the default privileges were not made'

expect_exit 0 "$BELAY" backup -d "$source" -f "$TMP/a.belay" --verify compared
expect_exit 0 "$BELAY" restore "$TMP/a.belay" -d "${source}_copy" --create
[ "$(settings_of "${source}_copy")" = "$wanted" ] || fail "settings differ: $(settings_of "${source}_copy")"
[ "$(defaults_of "${source}_copy")" = "$(defaults_of "$source")" ] || fail 'default privileges differ'
# Nothing that the restore made got them.
[ -z "$(PGOPTIONS='-c statement_timeout=0' query "${source}_copy" "select relacl from pg_class where relname = 't'")" ] ||
  fail 'a table got privileges that it did not have'
drop_database "${source}_copy"

expect_exit 0 "$BELAY" restore "$TMP/a.belay" -d "${source}_copy" --create -O -x
[ "$(settings_of "${source}_copy")" = "$(grep -v "^$role" <<<"$wanted")" ] || fail 'not just the settings of the database'
[ -z "$(defaults_of "${source}_copy")" ] || fail 'default privileges came in spite of -x'

# Settings that make the server pass over damaged pages: turned off, or where the login may not, refused by name.
new_role login createdb
owner=$ROLE
new_database "owner $owner"
psql -d "$DATABASE" -U "$owner" -c 'create table t (a int)'
for setting in zero_damaged_pages ignore_checksum_failure; do
  psql -d postgres -c "alter database $DATABASE set $setting to on"
  expect_error 10 "passes over damaged pages, and their rows: $setting" "$BELAY" backup -d "$DATABASE" -U "$owner" -f "$TMP/never.belay"
  [ ! -e "$TMP/never.belay" ] || fail 'an archive was written all the same'
  expect_exit 17 "$BELAY" doctor -d "$DATABASE" -U "$owner"
  expect_text "$TMP/stdout" 'damaged pages'
  expect_exit 0 "$BELAY" backup -d "$DATABASE" -f "$TMP/damage.belay"
  psql -d postgres -c "alter database $DATABASE reset $setting"
done
expect_exit 0 "$BELAY" backup -d "$DATABASE" -U "$owner" -f "$TMP/damage.belay"
