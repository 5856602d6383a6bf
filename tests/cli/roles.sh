#!/usr/bin/env bash
# --roles, --role-passwords, --create-roles: roles come with a database when asked for, as they were; what is
# there is never changed, and passwords are shown nowhere.
# shellcheck source=tests/cli/proof.inc
source "$(dirname "${BASH_SOURCE[0]}")/proof.inc"

# Another cluster receives them: in one of their own there is nothing to make.
fresh=/tmp/belay-roles-$$
"$SOURCE/scripts/testdb" start --fresh --dir "$fresh" --major "$server_major" >"$TMP/stdout"
at_exit "$SOURCE/scripts/testdb" stop --dir "$fresh"
there() { PGHOST=$fresh "$@"; }

r=r$$
declare -a made=("${r}_owner" "${r}_reader" "${r}_alice" "${r} \"Odd\"" "${r}_team" "${r}_above" "${r}_stranger")
for name in "${made[@]}"; do
  psql -d postgres -v name="$name" <<<'create role :"name"'
  AT_EXIT=("$(printf '%q ' psql -d postgres -c "drop role \"${name//\"/\"\"}\"")" "${AT_EXIT[@]}")
done
odd="\"$r \"\"Odd\"\"\""
psql -d postgres >/dev/null <<SQL
set password_encryption = 'scram-sha-256';
alter role ${r}_owner login createdb connection limit 7 valid until '2031-02-03 04:05:06+01' password 'very secret';
alter role ${r}_alice login noinherit password 'secret, too';
alter role ${r}_owner set search_path = 'a b', public;
alter role ${r}_owner set work_mem = '7MB';
comment on role ${r}_owner is 'it''s the owner';
grant ${r}_reader to ${r}_alice with admin option;
grant ${r}_above to ${r}_owner;
grant ${r}_above to ${r}_stranger;
grant pg_monitor to ${r}_owner;
set role ${r}_alice;
grant ${r}_reader to $odd;
reset role;
SQL
if [ "$server_major" -ge 16 ]; then
  psql -d postgres -c "grant ${r}_team to ${r}_owner with inherit false, set true" -c "grant ${r}_team to $odd with inherit true, set false"
else
  psql -d postgres -c "grant ${r}_team to ${r}_owner, $odd"
fi
at_exit psql -d postgres -c 'alter role all reset jit'
psql -d postgres -c 'alter role all set jit = off'
if [ "$server_major" -ge 15 ]; then
  psql -d postgres -c "grant set on parameter log_statement to ${r}_owner with grant option" \
    -c "grant alter system on parameter work_mem to ${r}_reader" -c 'grant set on parameter log_duration to public' \
    -c "set session authorization ${r}_owner" -c "grant set on parameter log_statement to ${r}_alice"
  for what in 'set on parameter log_duration from public' "set on parameter log_statement from ${r}_owner cascade" \
    "alter system on parameter work_mem from ${r}_reader"; do
    AT_EXIT=("${AT_EXIT[@]}" "$(printf '%q ' psql -d postgres -c "revoke $what")")
  done
fi
new_database "owner ${r}_owner"
database=$DATABASE
psql -d "$database" >/dev/null <<SQL
create table t (a int);
alter table t owner to ${r}_owner;
grant select on t to ${r}_reader;
create policy p on t to $odd using (true);
insert into t values (1);
SQL
# What is said of roles of this test: all but the OIDs.
roles_of() {
  query postgres "select rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls,
      rolconnlimit, rolpassword, rolvaliduntil, shobj_description(oid, 'pg_authid') from pg_authid where rolname like '$r%' order by 1"
  query postgres "select m.rolname, r.rolname, case when $server_major >= 16 then g.rolname end, to_jsonb(a) - 'oid' - 'roleid' - 'member' - 'grantor'
      from pg_auth_members a join pg_roles m on m.oid = member join pg_roles r on r.oid = roleid join pg_roles g on g.oid = grantor
      where m.rolname like '$r%' order by 1, 2, 3"
  query postgres "select rolname, setconfig from pg_db_role_setting join pg_roles r on r.oid = setrole where setdatabase = 0 order by 1"
  [ "$server_major" -lt 15 ] || query postgres "select parname, paracl from pg_parameter_acl where parname <> 'log_duration' order by 1"
}
roles_of | grep -v "${r}_stranger" >"$TMP/roles.was"
grep -q SCRAM-SHA-256 "$TMP/roles.was" || fail 'the test has no passwords'
secrets=$(query postgres "select rolpassword from pg_authid where rolname like '$r%' and rolpassword is not null")
nowhere() { # FILE...: no hash in it
  local secret file
  while read -r secret; do for file in "$@"; do expect_no_text "$file" "$secret"; done; done <<<"$secrets"
}

# Without being asked: names. They are told before anything is made.
expect_exit 0 "$BELAY" backup -d "$database" -f "$TMP/names.belay" --format text
expect_exit 2 "$BELAY" backup -d "$database" -f "$TMP/none.belay" --role-passwords
before=$(there server_state)
expect_error 8 "the server lacks what the archive needs: roles $r \"Odd\", ${r}_owner, ${r}_reader" there "$BELAY" restore "$TMP/names.belay" -d "$database" --create
expect_error 8 'the server lacks what the archive needs' there "$BELAY" restore "$TMP/names.belay" -d "$database" --create --create-roles
[ "$(there server_state)" = "$before" ] || fail 'something was made all the same'

# Asked for: only when the restore is asked for it, too.
expect_exit 0 "$BELAY" backup -d "$database" -f "$TMP/roles.belay" --format text --roles --verify compared
expect_text "$TMP/stdout" 'definitions'
expect_text "$TMP/stdout" 'definitions of roles: those of the server were used'
expect_exit 0 "$BELAY" backup -d "$database" -f "$TMP/all.belay" --format text --roles --role-passwords --verbose
nowhere "$TMP/stdout" "$TMP/stderr"
expect_error 8 'roles' there "$BELAY" restore "$TMP/all.belay" -d "$database" --create
expect_text "$TMP/stderr" 'restore with --create-roles; or CREATE ROLE'
[ "$(there server_state)" = "$before" ] || fail 'something was made all the same'

# Shown nowhere; but an archive says that it holds some, and of the whole cluster's what it does not.
for arguments in "inspect $TMP/all.belay" "inspect --json $TMP/all.belay" "schema $TMP/all.belay" \
  "schema --format json $TMP/all.belay" "export $TMP/all.belay -f -" "verify --json $TMP/all.belay"; do
  # shellcheck disable=SC2086
  expect_exit 0 "$BELAY" $arguments
  nowhere "$TMP/stdout" "$TMP/stderr"
done
nowhere "$TMP/all.belay.receipt.json"
expect_exit 0 "$BELAY" inspect --json "$TMP/all.belay"
expect_json "$TMP/stdout" '{role_passwords}' true
# (Before server 15 schema public belongs to postgres, so that it is one of them.)
expect_json "$TMP/stdout" '{roles_defined}' $((server_major >= 15 ? 6 : 7))
tar xOf "$TMP/all.belay" manifest.json >"$TMP/manifest.json"
expect_text "$TMP/manifest.json" 'ALTER ROLE ALL SET jit: of the whole cluster'
[ "$server_major" -lt 15 ] || expect_text "$TMP/manifest.json" 'SET ON PARAMETER log_duration TO PUBLIC: of the whole cluster'

# As they were, on the other cluster; its log does not hold the hashes either.
there psql -d postgres -c "alter system set log_statement = 'all'" -c 'alter system set log_min_duration_statement = 0' -c 'select pg_reload_conf()' >"$TMP/stdout"
wait_for 20 eval "[ \"\$(PGHOST=$fresh query postgres 'show log_statement')\" = all ]"
expect_exit 0 there "$BELAY" restore "$TMP/all.belay" -d "$database" --create --create-roles --verbose
expect_text "$TMP/stdout" 'roles created'
nowhere "$TMP/stdout" "$TMP/stderr"
there roles_of >"$TMP/roles.is"
diff -u "$TMP/roles.was" "$TMP/roles.is" >&2 || fail 'the roles are not what they were'
find "$fresh" -name '*.log' -exec cat {} + >"$TMP/server.log"
expect_text "$TMP/server.log" "CREATE DATABASE"
nowhere "$TMP/server.log"

# What is there is never changed, and named where it differs.
there psql -d postgres -c "drop database $database" -c "alter role ${r}_owner nologin" -c "alter role ${r}_alice password null"
there roles_of >"$TMP/roles.was"
expect_exit 0 there "$BELAY" restore "$TMP/all.belay" -d "$database" --create --create-roles --json
expect_json "$TMP/stdout" '{roles_created}' '[]'
expect_text "$TMP/stdout" "role ${r}_owner exists already and is left as it is: NOLOGIN here, LOGIN in the archive"
there roles_of >"$TMP/roles.is"
cmp "$TMP/roles.was" "$TMP/roles.is" || fail 'a role was changed'

# A restore that fails takes its roles back.
there psql -d postgres -c "drop database $database" >/dev/null
if [ "$server_major" -ge 15 ]; then
  there psql -d postgres -c "revoke all on parameter log_statement from ${r}_owner cascade" -c "revoke all on parameter work_mem from ${r}_reader"
fi
for name in "${made[@]}"; do there psql -d postgres -c "drop role if exists \"${name//\"/\"\"}\"" 2>/dev/null; done
cp "$TMP/all.belay" "$TMP/bad.belay"
printf x | dd of="$TMP/bad.belay" bs=1 seek=$(($(stat -c %s "$TMP/bad.belay") - 3000)) conv=notrunc status=none
expect_exit 4 there "$BELAY" restore "$TMP/bad.belay" -d "$database" --create --create-roles
[ "$(there server_state)" = "$before" ] || fail "left behind: $(there server_state)"
there psql -d postgres -c "create database $database" -c "create role ${r}_reader"
expect_exit 0 there "$BELAY" restore "$TMP/roles.belay" -d "$database" --in-place --create-roles
[ "$(there query postgres "select count(*) from pg_authid where rolname like '$r%' and rolpassword is not null")" = 0 ] || fail 'passwords without being asked for'

# Passwords are for superusers.
new_role login
psql -d postgres -c "grant ${r}_owner, ${r}_reader, $odd to $ROLE"
expect_error 3 'the passwords of roles cannot be read' "$BELAY" backup -d "$database" -U "$ROLE" -f "$TMP/none.belay" --roles --role-passwords
expect_text "$TMP/stderr" "GRANT SELECT ON pg_authid TO $ROLE"
[ ! -e "$TMP/none.belay" ] || fail 'an archive was written all the same'
expect_exit 0 "$BELAY" backup -d "$database" -U "$ROLE" -f "$TMP/weak.belay" --roles --verify none
LOOPS=1
