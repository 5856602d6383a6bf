#!/usr/bin/env bash
# Where things are: tablespaces come back as they were, are told beforehand if the server lacks them, and
# are mapped or ignored when asked.
# shellcheck source=tests/cli/proof.inc
source "$(dirname "${BASH_SOURCE[0]}")/proof.inc"

# space NAME: one of that name, in a directory of the server's account.
space() {
  mkdir "$PGHOST/$1"
  chown --reference="$PGHOST/data" "$PGHOST/$1"
  psql -d postgres -c "create tablespace $1 location '$PGHOST/$1'"
  AT_EXIT=("$(printf '%q ' rmdir "$PGHOST/$1")" "$(printf '%q ' psql -d postgres -c "drop tablespace $1")" "${AT_EXIT[@]}")
}
own=belay_own_$$ fast=belay_fast_$$ other=belay_other_$$
for name in $own $fast $other; do space "$name"; done
# places DATABASE: where the database and each of its objects are.
places() {
  query "$1" "select 'database', spcname from pg_database d join pg_tablespace s on s.oid = dattablespace where datname = current_database()
    union all select relname, coalesce(spcname, '') from pg_class c left join pg_tablespace s on s.oid = reltablespace
      where c.oid >= 16384 and relkind in ('r', 'i', 'm', 'p', 'I') and relname !~ '^pg_' order by 1" | tr '\n' ' '
}
expect_places() {
  local found
  found=$(places "$1")
  [ "$found" = "$2 " ] || fail "places of $1: $found"
}

new_database "tablespace $own"
database=$DATABASE
psql -d "$database" <<SQL
create table t (a int primary key using index tablespace $fast, b int) tablespace $fast;
create index t_b on t (b) tablespace $other;
create table plain (a int);
create index plain_a on plain (a) tablespace pg_default;
create table usual (a int) tablespace pg_default;
create table p (a int) partition by list (a) tablespace $fast;
create table p1 partition of p for values in (1);
create table p2 partition of p for values in (2) tablespace $other;
create index p_a on p (a) tablespace $fast;
create materialized view m tablespace $fast as select 1 as a;
insert into t values (1, 2);
insert into p values (1), (2);
SQL
was="database|$own m|$fast p|$fast p1|$fast p1_a_idx|$fast p2|$other p2_a_idx|$fast p_a|$fast plain| plain_a|pg_default t|$fast t_b|$other t_pkey|$fast usual|pg_default"
expect_places "$database" "$was"

# As they were, to pg_dump, and in a drill.
expect_exit 0 "$BELAY" backup -d "$database" -f "$TMP/a.belay" --verify compared
at_exit drop_database "${database}_copy"
expect_exit 0 "$BELAY" restore "$TMP/a.belay" -d "${database}_copy" --create
expect_places "${database}_copy" "$was"
faithful "$database" "${database}_copy"
drop_database "${database}_copy"
if [ -x "/usr/lib/postgresql/$server_major/bin/initdb" ]; then
  chmod 755 "$TMP"
  mkdir -m 777 "$TMP/private"
  expect_exit 0 env TMPDIR="$TMP/private" "$BELAY" verify "$TMP/a.belay" --level compared --scratch local
  [ -z "$(find "$TMP/private" -mindepth 1)" ] || fail 'the private server left something'
fi

# Elsewhere. What lands where the database is anyway is not named: of a partitioned table the server would refuse it.
expect_exit 0 "$BELAY" restore "$TMP/a.belay" -d "${database}_copy" --create \
  --tablespace-map "$fast=$other" --tablespace-map "$own=$other" --tablespace-map pg_default="$fast"
expect_places "${database}_copy" \
  "database|$other m| p| p1| p1_a_idx| p2| p2_a_idx| p_a| plain| plain_a|$fast t| t_b| t_pkey| usual|$fast"
drop_database "${database}_copy"
expect_exit 0 "$BELAY" restore "$TMP/a.belay" -d "${database}_copy" --create --no-tablespaces
expect_places "${database}_copy" \
  "database|pg_default m| p| p1| p1_a_idx| p2| p2_a_idx| p_a| plain| plain_a| t| t_b| t_pkey| usual|"
drop_database "${database}_copy"
psql -d postgres -c "create database ${database}_copy tablespace $fast"
expect_exit 0 "$BELAY" restore "$TMP/a.belay" -d "${database}_copy" --in-place -t p -t p1
expect_places "${database}_copy" "database|$fast p| p1| p1_a_idx| p_a|"
drop_database "${database}_copy"
# A database that is where databases are by default can be put elsewhere, too; a name that is nobody's is told.
new_database
psql -d "$DATABASE" -c 'create table t (a int)'
expect_exit 0 "$BELAY" backup -d "$DATABASE" -f "$TMP/b.belay" --verify none
expect_exit 0 "$BELAY" restore "$TMP/b.belay" -d "${database}_copy" --create --tablespace-map pg_default="$fast" --tablespace-map "a\\=b=$fast"
expect_text "$TMP/stderr" 'the archive names no tablespace "a=b"'
expect_places "${database}_copy" "database|$fast t|"
drop_database "${database}_copy"
for wrong in x x= =x x=y=z; do
  expect_exit 2 "$BELAY" restore "$TMP/b.belay" -d "${database}_copy" --create --tablespace-map "$wrong"
done
expect_exit 2 "$BELAY" restore "$TMP/b.belay" -d "${database}_copy" --create --tablespace-map x=y --no-tablespaces

# All that is missing in one report, before anything is made.
new_role
owner=$ROLE
psql -d "$database" -c "alter table plain owner to $owner"
expect_exit 0 "$BELAY" backup -d "$database" -f "$TMP/c.belay" --verify none
psql -d postgres -c "alter role $owner rename to ${owner}_gone" -c "alter tablespace $fast rename to ${fast}_gone"
before=$(server_state)
expect_error 8 "the server lacks what the archive needs: role $owner; tablespace $fast" \
  "$BELAY" restore "$TMP/c.belay" -d "${database}_copy" --create
expect_text "$TMP/stderr" "CREATE ROLE $owner; or restore with -O"
expect_text "$TMP/stderr" 'CREATE TABLESPACE, or restore with --tablespace-map or --no-tablespaces'
expect_error 5 "tablespace $fast" "$BELAY" verify "$TMP/c.belay" --level compared -d postgres
[ "$(server_state)" = "$before" ] || fail 'something was made all the same'
psql -d postgres -c "alter role ${owner}_gone rename to $owner" -c "alter tablespace ${fast}_gone rename to $fast"

# Without the right to create in them; doctor says so as well. (Not even of pg_default had anybody it before.)
new_role login createdb
query "$database" "select format('alter %s %s owner to $ROLE;', case relkind when 'm' then 'materialized view' else 'table' end, oid::regclass)
  from pg_class where oid >= 16384 and relkind in ('r', 'p', 'm') and relname !~ '^pg_'
  union all select 'alter database $database owner to $ROLE;'" | psql -d "$database"
weak() { "$BELAY" "$@" -U "$ROLE"; }
expect_exit 17 weak doctor -d "$database"
expect_text "$TMP/stdout" "may not create in tablespace $fast"
expect_text "$TMP/stdout" "GRANT CREATE ON TABLESPACE $fast TO $ROLE"
expect_exit 0 weak backup -d "$database" -f "$TMP/w.belay" --verify none
expect_error 5 'may not create in tablespaces that are needed' weak verify "$TMP/w.belay" --level compared -d "$database"
expect_exit 0 weak restore "$TMP/w.belay" -d "${database}_copy" --create --no-tablespaces
drop_database "${database}_copy"
for name in $own $fast $other pg_default; do
  psql -d postgres -c "grant create on tablespace $name to $ROLE"
  AT_EXIT=("$(printf '%q ' psql -d postgres -c "revoke create on tablespace $name from $ROLE")" "${AT_EXIT[@]}")
done
expect_exit 0 weak verify "$TMP/w.belay" --level compared -d "$database"
expect_exit 0 weak restore "$TMP/w.belay" -d "${database}_copy" --create
expect_places "${database}_copy" "$was"
LOOPS=1
