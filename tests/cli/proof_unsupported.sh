#!/usr/bin/env bash
# What belay cannot carry makes a backup fail with 10, by name, and nothing is written. Should a
# kind be carried one day, its line demands a faithful round trip instead.
# shellcheck source=tests/cli/proof.inc
source "$(dirname "${BASH_SOURCE[0]}")/proof.inc"
proof 1

# Each case: [MIN SERVER] what the message must contain | statements, after those of the base.
cases() {
  cat <<'CASES'
public.t | alter table t alter a set not null; create unique index u on t (a); alter table t replica identity using index u
guard | create function guarding() returns event_trigger language plpgsql as 'begin end'; create event trigger guard_DATABASE on sql_drop execute function guarding()
stream | create publication stream for table t
stream | create subscription stream_DATABASE connection 'dbname=none' publication p with (connect = false, slot_name = none)
together | create statistics together on a, b from t
wrapper | create foreign data wrapper wrapper
distant | create foreign data wrapper wrapper; create server distant foreign data wrapper wrapper
on server | create foreign data wrapper wrapper; create server s foreign data wrapper wrapper; create user mapping for public server s options (password 'secret')
dict | create text search dictionary dict (template = simple)
conf | create text search configuration conf (copy = simple)
pars | create text search parser pars (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype)
tmpl | create text search template tmpl (lexize = dsimple_lexize)
default | alter default privileges grant select on tables to public
default | alter default privileges in schema public grant execute on functions to public
work_mem | alter database DATABASE set work_mem = '1MB'
work_mem | alter role postgres in database DATABASE set work_mem = '1MB'
t_a | create extension hstore; alter index t_a depends on extension hstore
akeys | create extension hstore; revoke execute on function akeys(hstore) from public
pg_read_file | grant execute on function pg_read_file(text) to public
pg_authid | grant select on pg_authid to public
information_schema.tables | revoke select on information_schema.tables from public
ctid | grant select (ctid) on t to public
conf | create table conf (a int); create extension hstore; alter extension hstore add table conf; update pg_extension set extconfig = array['public.conf'::regclass]::oid[], extcondition = '{""}' where extname = 'hstore'; insert into conf values (1)
public.conf | begin; create table conf (a int primary key); create extension hstore; alter extension hstore add table conf; commit; create index mine on conf (a)
SPACE | create table s (a int) tablespace SPACE -- 15
SPACE | create index spaced on t (a) tablespace SPACE -- 15
CASES
}
if [ "$server_major" -ge 15 ]; then
  space=belay_space_$$
  psql -d postgres -c 'set allow_in_place_tablespaces = on' -c "create tablespace $space location ''"
  AT_EXIT=("$(printf '%q ' psql -d postgres -c "drop tablespace $space")" "${AT_EXIT[@]}")
fi

# Every case starts from a copy of this one, which can be backed up.
new_database
base=$DATABASE
psql -d "$base" -c 'create table t (a int, b text); create index t_a on t (a)' -c "insert into t values (1, 'x')"
expect_exit 0 "$BELAY" backup -d "$base" -f "$TMP/base.belay" --verify none

refused=0
carried=0
skipped=0
while IFS='|' read -r needle sql; do
  needle=${needle% }
  minimum=0
  case $sql in *' -- '1?) minimum=${sql##* } ;; esac
  [ "$server_major" -ge "$minimum" ] || {
    skipped=$((skipped + 1))
    continue
  }
  new_database "template $base"
  sql=${sql//DATABASE/$DATABASE}
  sql=${sql//SPACE/${space:-}}
  needle=${needle//SPACE/${space:-}}
  if ! { echo 'set allow_system_table_mods = on;'; echo "$sql"; } |
    PGOPTIONS='-c client_min_messages=error' psql -d "$DATABASE" >"$TMP/stdout" 2>"$TMP/stderr"; then
    # A mistake of the table is not a pass.
    cat "$TMP/stderr" >&2
    fail "the server refuses: $sql"
  fi
  status=0
  "$BELAY" backup -d "$DATABASE" -f "$TMP/x.belay" >"$TMP/stdout" 2>"$TMP/stderr" || status=$?
  case $status in
    10)
      expect_text "$TMP/stderr" "$needle"
      grep -q '^belay: ' "$TMP/stderr" || fail "not an error line: $sql"
      [ -z "$(find "$TMP" -name 'x.belay*')" ] || fail "something was written all the same: $sql"
      refused=$((refused + 1))
      ;;
    0)
      at_exit drop_database "${DATABASE}_copy"
      echo "carried: $sql"
      expect_exit 0 "$BELAY" restore "$TMP/x.belay" -d "${DATABASE}_copy" --create
      faithful "$DATABASE" "${DATABASE}_copy"
      case $sql in
        *subscription*) psql -d "${DATABASE}_copy" -c "drop subscription stream_$DATABASE" ;;
      esac
      drop_database "${DATABASE}_copy"
      rm "$TMP/x.belay"*
      carried=$((carried + 1))
      ;;
    *)
      cat "$TMP/stderr" >&2
      fail "exit status $status: $sql"
      ;;
  esac
  case $sql in
    *subscription*) psql -d "$DATABASE" -c "drop subscription stream_$DATABASE" ;;
  esac
  drop_database "$DATABASE"
  LOOPS=$((LOOPS + 1))
done < <(cases)
echo "refused $refused, carried $carried, too new for this server $skipped"
[ $((LOOPS + skipped)) -eq "$(cases | wc -l)" ] || fail "only $LOOPS cases"

# All of it at once is one message with all the names, and --allow-unknown leaves out just those.
new_database "template $base"
psql -d "$DATABASE" -c 'set allow_system_table_mods = on' \
  -c 'create table pg_catalog.quiet (a int)' \
  -c 'create view pg_catalog.misplaced as select 1 as a' \
  -c 'alter table pg_catalog.pg_conversion add conmagic int' -c 'create table kept (a int)'
expect_exit 10 "$BELAY" backup -d "$DATABASE" -f "$TMP/x.belay"
for needle in quiet misplaced pg_conversion.conmagic; do expect_text "$TMP/stderr" $needle; done
expect_exit 0 "$BELAY" backup -d "$DATABASE" -f "$TMP/x.belay" --allow-unknown
expect_exit 0 "$BELAY" inspect "$TMP/x.belay"
for needle in quiet misplaced pg_conversion.conmagic kept; do expect_text "$TMP/stdout" $needle; done

# A label needs its provider where it is restored; without one that is told, and nothing stays.
new_database "template $base"
psql -d "$DATABASE" -c 'set allow_system_table_mods = on' \
  -c "insert into pg_seclabel values ('public.t'::regclass, 'pg_class'::regclass, 0, 'dummy', 'secret')"
expect_exit 0 "$BELAY" backup -d "$DATABASE" -f "$TMP/labelled.belay"
expect_exit 5 "$BELAY" verify "$TMP/labelled.belay" --level compared -d "$DATABASE"
expect_text "$TMP/stderr" 'security label provider "dummy" is not loaded'
expect_exit 8 "$BELAY" restore "$TMP/labelled.belay" -d "${DATABASE}_copy" --create
expect_text "$TMP/stderr" 'security label provider "dummy" is not loaded'
