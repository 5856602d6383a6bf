#!/usr/bin/env bash
# The swap: what clients see of it, what belongs to the database afterwards, a kill at every step of
# it, and how long it takes from a sealed copy.
# shellcheck source=tests/cli/proof.inc
source "$(dirname "$0")/proof.inc"
proof 20

: "${BELAY_KILLED_AT:?is set by CTest to the program that is killed at a step}"
/usr/bin/python3 -c 'import psycopg2' 2>/dev/null || skip 'psycopg2 is not installed (Debian: python3-psycopg2)'
new_role
role=$ROLE
new_role
owner=$ROLE
new_database
query "$DATABASE" "create table public.which (mark text); insert into public.which values ('before')
  ; create table public.users (id serial primary key, mail text)
  ; insert into public.users (mail) select 'mail ' || i from generate_series(1, 2000) i" >/dev/null
expect_exit 0 "$BELAY" backup -d "$DATABASE" --verify compared --keep-copy 1h --json
archive=$(json "$TMP/stdout" '{backups,0,archive}')
psql -d "$DATABASE" >/dev/null <<SQL
update public.which set mark = 'after';
alter database "$DATABASE" owner to "$owner";
grant connect on database "$DATABASE" to "$role" with grant option;
revoke temporary on database "$DATABASE" from public;
alter database "$DATABASE" connection limit 90;
alter database "$DATABASE" set search_path to "\$user", public, "odd, name";
alter role "$role" in database "$DATABASE" set statement_timeout to '9s';
comment on database "$DATABASE" is 'the one that matters';
SQL
belongings() {
  query postgres "select pg_get_userbyid(datdba), datconnlimit, datallowconn, shobj_description(oid, 'pg_database'),
    (select string_agg(x::text, ' ' order by x::text) from unnest(datacl) x),
    (select string_agg(setrole || ' ' || setconfig::text, ' ' order by setrole) from pg_db_role_setting where setdatabase = d.oid)
    from pg_database d where datname = '$DATABASE'"
}
wanted=$(belongings)
mark() { query "$DATABASE" 'select mark from public.which'; }
# is MARK: that is what the database of that name holds, and what belongs to it belongs to it.
is() {
  [ "$(mark)" = "$1" ] || fail "the database is not the one of '$1'"
  [ "$(belongings)" = "$wanted" ] || { belongings >&2; fail "not what belonged to it: $wanted"; }
}

# under_load OLD NEW COMMAND...: fifty clients meanwhile; all of them see only the one or the other.
under_load() {
  local old=$1 new=$2 clients
  shift 2
  : >"$TMP/clients"
  /usr/bin/python3 "$SOURCE/tests/cli/swap_clients.py" "$DATABASE" "$old" "$new" >"$TMP/clients" 2>&1 &
  clients=$!
  wait_for 60 grep -q ready "$TMP/clients"
  expect_exit 0 "$@"
  wait "$clients" || { cat "$TMP/clients" >&2; fail 'what the clients saw is not right'; }
  sed 1d "$TMP/clients"
  is "$new"
  LOOPS=$((LOOPS + 1))
}
under_load after before "$BELAY" rollback -d "$DATABASE" "$archive" --json
expect_json "$TMP/stdout" '{from_sealed_copy}' true
under_load before after "$BELAY" rollback -d "$DATABASE" --undo
expect_exit 0 "$BELAY" gc -d "$DATABASE" --failed

seal() { expect_exit 0 "$BELAY" verify "$archive" --level compared -d "$DATABASE" --keep-copy 1h; }
median() { sort -n | sed -n "$((($1 + 1) / 2))p"; }
# Time, of the swap alone (BEGIN to COMMIT), and of the whole command.
for ((swap = 1; swap <= 9; ++swap)); do
  seal
  began=$(now)
  expect_exit 0 "$BELAY" rollback -d "$DATABASE" "$archive" --json
  echo "$((($(now) - began) / 1000))" >>"$TMP/whole"
  expect_json "$TMP/stdout" '{from_sealed_copy}' true
  json "$TMP/stdout" '{swap_seconds}' >>"$TMP/swaps"
  is before
  expect_exit 0 "$BELAY" rollback -d "$DATABASE" --undo
  expect_exit 0 "$BELAY" gc -d "$DATABASE" --failed
  LOOPS=$((LOOPS + 1))
done
whole=$(median 9 <"$TMP/whole")
echo "median of 9 from a sealed copy: swap $(median 9 <"$TMP/swaps") s, the whole rollback $whole ms"
[ "$whole" -lt 1000 ] || fail 'a rollback from a sealed copy takes a second'

# Killed before each step in turn, of a rollback and of an undo: a database of that name is there,
# and --resume finishes what was begun.
steps=10  # from the first event of the journal to the last
for ((loop = 0; loop < COUNT; ++loop)); do
  step=$((loop / 2 % steps + 1))
  if [ $((loop % 2)) = 0 ]; then
    seal
    words=(rollback -d "$DATABASE" "$archive")
    old=after new=before
  else
    words=(rollback -d "$DATABASE" --undo)
    old=before new=after
  fi
  status=0
  "$BELAY_KILLED_AT" $step "$TMP/steps" "${words[@]}" >"$TMP/killed" 2>&1 || status=$?
  [ $status = 137 ] || { cat "$TMP/killed" >&2; fail "step $step of ${words[1]}: ended with $status"; }
  [ "$(wc -l <"$TMP/steps")" = $step ] || fail "not killed at step $step"
  at=$(mark) || fail "no database of that name after a kill at step $step"
  case $at in "$old" | "$new") ;; *) fail "neither of the two: $at" ;; esac
  tail -n 1 "$TMP/steps" | sed "s/[-0-9].*-\([a-z_]*\)-.*/\1/; s/$/: $at/" >>"$TMP/seen"
  expect_exit 0 "$BELAY" rollback -d "$DATABASE" --resume
  if [ $step = 1 ]; then
    expect_text "$TMP/stdout" 'nothing to resume'
    expect_exit 0 "$BELAY" "${words[@]}"
  fi
  is "$new"
  [ $((loop % 2)) = 0 ] || expect_exit 0 "$BELAY" gc -d "$DATABASE" --failed
  LOOPS=$((LOOPS + 1))
done
sort "$TMP/seen" | uniq -c
[ "$COUNT" -lt $((2 * steps)) ] || [ "$(cut -d : -f 1 "$TMP/seen" | sort -u | wc -l)" = $steps ] ||
  fail 'not every step was killed'
expect_exit 0 "$BELAY_KILLED_AT" 0 "$TMP/steps" rollback -d "$DATABASE" "$archive"
[ "$(sed -n '/^publish .*-rollback-/,$p' "$TMP/steps" | wc -l)" = $steps ] || { cat "$TMP/steps" >&2; fail "the swap has other steps"; }
