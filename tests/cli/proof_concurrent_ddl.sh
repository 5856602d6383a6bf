#!/usr/bin/env bash
# While another session creates, drops, renames, retypes, attaches and detaches without a pause, each
# backup holds one moment and its copy equals it, or it fails and says why; and the other session
# never waits longer than a backup may wait for its locks.
# shellcheck source=tests/cli/proof.inc
source "$(dirname "${BASH_SOURCE[0]}")/proof.inc"
proof 20
wait_seconds=10
new_database
psql -d "$DATABASE" <<'SQL'
create table working (yes boolean not null);
create table waits (longest interval not null, changes bigint not null);
insert into working values (true);
insert into waits values ('0', 0);
create function f() returns int language sql as 'select 1';
create type mood as enum ('sad', 'glad');
create table base (id int primary key, a int, b text, m mood);
create view seen as select id, a from base;
create table parted (k int, v text) partition by list (k);
create table part (k int, v text);
insert into base select i, i, 'text ' || i, 'sad' from generate_series(1, 500) i;
create procedure change_all(seed double precision) language plpgsql as $work$
declare
  changes text[] := array[
    'create table made (id serial primary key, t text default ''x'')', 'drop table made', 'alter table made rename to made2',
    'alter table made2 rename to made', 'alter table base rename column a to z', 'alter table base rename column z to a',
    'alter table base alter b type varchar(50)', 'alter table base alter b type text', 'alter table base add extra int default 3',
    'alter table base drop extra', 'create index base_b on base (b)', 'drop index base_b', 'alter table parted attach partition part for values in (1)',
    'alter table parted detach partition part', 'create or replace function f() returns int language sql as ''select 2''',
    'alter function f() rename to g', 'alter function g() rename to f', 'create view over as select f() as one', 'create view over as select g() as one',
    'drop view over', 'create function temporary_one() returns int language sql as ''select 1''', 'drop function temporary_one()',
    'alter type mood rename value ''sad'' to ''blue''', 'alter type mood rename value ''blue'' to ''sad''', 'alter type mood rename to state',
    'alter type state rename to mood', 'create schema s', 'create table s.t (a int check (a > 0))', 'alter schema s rename to r', 'drop schema if exists s, r cascade',
    'comment on table base is ''first''', 'comment on table base is null', 'alter view seen rename to looked', 'alter view looked rename to seen',
    'alter table base add constraint positive check (id > 0)', 'alter table base drop constraint positive',
    'create trigger t before update on base for each row execute function suppress_redundant_updates_trigger()', 'drop trigger t on base',
    'create domain d as int check (value > 0)', 'drop domain d', 'alter domain d rename to e', 'alter domain e rename to d', 'grant select on base to public',
    'revoke all on base from public', 'create sequence q', 'drop sequence q', 'create materialized view m as select count(*) from base', 'drop materialized view m',
    'create rule r as on delete to base do instead nothing', 'drop rule r on base', 'alter table base rename constraint base_pkey to base_key',
    'alter table base rename constraint base_key to base_pkey', 'create statistics st on id, a from base', 'create statistics st on id, z from base', 'drop statistics st'];
  began timestamptz;
begin
  perform setseed(seed);
  while (select yes from working) loop
    began := clock_timestamp();
    begin
      execute changes[1 + floor(random() * array_length(changes, 1))];
    exception when others then
      -- What is not there cannot be changed. But never because of a backup.
      if sqlstate in ('40P01', '55P03', '57014') then raise; end if;
    end;
    update waits set longest = greatest(longest, clock_timestamp() - began), changes = waits.changes + 1;
    commit;
  end loop;
end $work$;
SQL
random 1000000
psql -d "$DATABASE" -c "call change_all(0.$R)" 2>"$TMP/writer" &
writer=$!
at_exit kill $writer
changed() { [ "$(query "$DATABASE" 'select changes from waits')" -gt "$1" ]; }
wait_for 30 changed 50
first=$(query "$DATABASE" 'select changes from waits')
made=0 failed=0
for ((LOOPS = 0; LOOPS < COUNT; LOOPS++)); do
  status=0
  "$BELAY" backup -d "$DATABASE" -f "$TMP/a.belay" --verify none --wait ${wait_seconds}s >"$TMP/stdout" 2>"$TMP/stderr" || status=$?
  case $status in
    0)
      made=$((made + 1))
      expect_exit 0 "$BELAY" verify "$TMP/a.belay" --level compared -d postgres
      ;;
    7 | 10 | 20)
      failed=$((failed + 1))
      [ -s "$TMP/stderr" ] || fail "a backup failed with $status and said nothing"
      [ $status != 10 ] || expect_text "$TMP/stderr" 'the schema changes faster than it can be read'
      [ ! -e "$TMP/a.belay" ] || fail "a backup failed with $status and left an archive"
      echo "backup $LOOPS: $(head -n 1 "$TMP/stderr")"
      ;;
    *) expect_exit 0 cat "$TMP/stderr"; cat "$TMP/stderr" >&2; fail "backup $LOOPS ended with $status" ;;
  esac
  rm -f "$TMP/a.belay"
  kill -0 $writer 2>/dev/null || { cat "$TMP/writer" >&2; fail 'the other session has ended'; }
done
psql -d "$DATABASE" -c 'update working set yes = false'
ended $writer 0
read -r longest changes < <(query "$DATABASE" "select extract(epoch from longest)::numeric(10,3) || ' ' || changes - $first from waits")
echo "$made backups made and compared, $failed failed and said why, amid $changes changes; the longest took $longest s"
[ "$made" -gt 0 ] || fail 'no backup succeeded: this proves nothing'
[ "$changes" -gt "$COUNT" ] || fail 'hardly anything changed: this proves nothing'
awk "BEGIN { exit !($longest < $wait_seconds) }" || fail "the other session waited for $longest s"
