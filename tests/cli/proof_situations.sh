#!/usr/bin/env bash
# The tricky situations of tests/fixtures/situations come back as they were, to pg_dump, to belay's
# comparison and to the ledgers of both sides. What belay cannot carry stands in refused.txt there:
# the backup, or the restore, must fail and name it; once it is carried, its line must go.
# PROOF_ONLY=PATTERN runs some of them, each in a database of its own.
# shellcheck source=tests/cli/proof.inc
source "$(dirname "${BASH_SOURCE[0]}")/proof.inc"
proof 1
situations=$SOURCE/tests/fixtures/situations

# Roles and the like belong to the cluster: @mine@ in a situation begins their names.
mine=belay_s$$
drop_what_is_mine() {
  query postgres "select format('drop subscription %I;', subname) from pg_subscription where subname like '$mine%'" >"$TMP/drops"
  query postgres "select format('drop tablespace %I;', spcname) from pg_tablespace where spcname like '$mine%'
    union all select format('drop role %I;', rolname) from pg_roles where rolname like '$mine%'" >>"$TMP/drops"
  psql -d postgres -f "$TMP/drops"
}
AT_EXIT=("$(printf '%q ' drop_what_is_mine)" "${AT_EXIT[@]}")

# header FILE NAME: the value of a line "-- NAME: VALUE" in $VALUE, or "yes" of "-- NAME".
header() {
  local line
  VALUE=
  while read -r line; do
    case $line in
      "-- $2: "*) VALUE=${line#*: }; return ;;
      "-- $2") VALUE=yes; return ;;
      '-- '*) ;;
      *) return ;;
    esac
  done <"$1"
}
has() { # what a line "-- needs:" names
  case $1 in
    lz4) [ "$(query postgres "select 'lz4' = any (enumvals) from pg_settings where name = 'default_toast_compression'")" = t ] ;;
    'attachable exclusion constraints') # no earlier server can do what its own dump says
      case $(query postgres 'show server_version_num') in 17000? | 170010 | 18000[0-5]) false ;; esac ;;
    dummy_seclabel) # every session needs the provider, as with those that are in earnest
      psql -d postgres -c "load '$1'" 2>"$TMP/stderr" || return
      at_exit psql -d postgres -c 'alter system reset session_preload_libraries' -c 'select pg_reload_conf()'
      psql -d postgres -c "alter system set session_preload_libraries = '$1'" -c 'select pg_reload_conf()' >"$TMP/stdout"
      until [ "$(query postgres 'show session_preload_libraries')" = "$1" ]; do pause 0.05; done ;;
    *) [ "$(query postgres "select count(*) from pg_available_extensions where name = '$1'")" = 1 ] ;;
  esac
}
# here FILE: whether the server can have it.
here() {
  header "$1" min-server
  [ "$server_major" -ge "${VALUE:-0}" ] || return
  header "$1" max-server
  [ "$server_major" -le "${VALUE:-99}" ] || return
  header "$1" needs
  [ -z "$VALUE" ] || has "$VALUE"
}

# database FILE: a new one, in $DATABASE, as the file's header wants it.
database() {
  local encoding
  header "$1" encoding
  encoding=$VALUE
  header "$1" database
  new_database "template template0 encoding '${encoding:-UTF8}' ${encoding:+lc_collate 'C' lc_ctype 'C'} $VALUE"
  [ "$encoding" = SQL_ASCII ] && PGCLIENTENCODING=SQL_ASCII || PGCLIENTENCODING=UTF8
  export PGCLIENTENCODING
}
# load NAME...: each into a schema of its own of $DATABASE.
load() {
  local name
  for name in "$@"; do
    cat <<SQL
\\echo $name
create schema s$name;
set search_path = s$name, public;
SQL
    sed "s/@mine@/${mine}_$name/g; s/@schema@/s$name/g; s/@database@/$DATABASE/g" "$situations/$name.sql"
    echo 'reset session authorization; reset all;'
  done >"$TMP/load.sql"
  PGOPTIONS='-c client_min_messages=error' psql -d "$DATABASE" -f "$TMP/load.sql" >"$TMP/stdout" 2>"$TMP/stderr" || {
    grep -v '^ ' "$TMP/stdout" | tail -n 1 >&2
    cat "$TMP/stderr" >&2
    fail "cannot load $*"
  }
}

with_properties() { # of a database, without its name
  oracle --create --schema-only --restrict-key=belay "$1" | sed "s/${DATABASE}_copy/NAME/g; s/$DATABASE/NAME/g"
}
# proved [together|without_pg_dump]: $DATABASE is restored as a copy, and three judges find no difference.
proved() {
  local copy=${DATABASE}_copy status=0
  [ "${1:-}" != without_pg_dump ] || ORACLE=
  # Without a table there is nothing to compare, which is not "equal".
  [ "$(query "$DATABASE" "select count(*) from pg_class where relkind in ('r', 'p') and oid >= 16384")" != 0 ] || status=5
  expect_exit 0 "$BELAY" backup -d "$DATABASE" -f "$TMP/a.belay" -j 2 --verify none
  expect_exit 0 "$BELAY" restore "$TMP/a.belay" -d "$copy" --create -j 2
  faithful "$DATABASE" "$copy" $status
  if [ "${1:-}" != together ] && [ -n "$ORACLE" ]; then
    with_properties "$DATABASE" >"$TMP/create.a"
    with_properties "$copy" >"$TMP/create.b"
    diff -u "$TMP/create.a" "$TMP/create.b" >&2 || fail 'pg_dump --create sees other properties of the database'
  fi
  expect_exit 0 "$BELAY" backup -d "$copy" -f "$TMP/b.belay" --verify none
  equal_ledgers "$TMP/a.belay" "$TMP/b.belay"
}
# Whatever becomes of it, the database and its copy are gone afterwards.
gone() {
  local -x PGOPTIONS="-c client_min_messages=error"
  query postgres "select datname from pg_database where datname in ('$DATABASE', '${DATABASE}_copy') and datistemplate" |
    while read -r name; do psql -d postgres -c "alter database $name is_template false"; done
  if [ "$(query postgres "select count(*) from pg_database where datname = '$DATABASE'")" = 1 ]; then
    for name in "$DATABASE" "${DATABASE}_copy"; do
      query postgres "select format('alter subscription %1\$I disable; alter subscription %1\$I set (slot_name = none); drop subscription %1\$I;', subname)
        from pg_subscription s join pg_database d on d.oid = subdbid where datname = '$name'" | psql -d "$name" 2>/dev/null || true
    done
  fi
  drop_database "${DATABASE}_copy"
  drop_database "$DATABASE"
  rm -f "$TMP"/*.belay*
}

# alone NAME
alone() {
  local status=0
  database "$situations/$1.sql"
  header "$situations/$1.sql" pg_dump-differs
  load "$1"
  (proved "${VALUE:+without_pg_dump}") || status=$?
  gone
  if [ $status = 0 ]; then
    LOOPS=$((LOOPS + 1))
  else
    echo "$1: NOT THE SAME" >&2
    failed+=("$1")
  fi
}
# together NAME...: in one database, which is quick; if anything differs, each by itself.
together() {
  local status=0 name
  database /dev/null
  load "$@"
  # What another session holds for itself is nobody's loss.
  coproc psql -d "$DATABASE"
  echo "create temp table held (id serial primary key, a text); create temp view hv as select * from held;
    create type pg_temp.te as enum ('a'); create function pg_temp.tf() returns int language sql as 'select 1'; select 1;" >&"${COPROC[1]}"
  read -r _ <&"${COPROC[0]}"
  (proved together) || status=$?
  eval "exec ${COPROC[1]}>&-"
  gone
  if [ $status = 0 ]; then
    LOOPS=$((LOOPS + $#))
    return
  fi
  echo 'together they are not the same; one by one:' >&2
  drop_what_is_mine
  for name in "$@"; do alone "$name"; done
  [ ${#failed[@]} -gt 0 ] || fail 'each by itself is the same, together they are not'
}
# refused NAME...: one backup fails because of all of them, and doctor names them (50 objects).
refused() {
  local name
  database "$situations/$1.sql"
  load "$@"
  : >"$TMP/named"
  if ! "$BELAY" backup -d "$DATABASE" -f "$TMP/never.belay" >"$TMP/stdout" 2>"$TMP/stderr"; then
    [ -z "$(find "$TMP" -name 'never.belay*')" ] || fail 'an archive was written all the same'
    expect_exit 10 "$BELAY" backup -d "$DATABASE" -f "$TMP/never.belay"
    expect_exit 17 "$BELAY" doctor -d "$DATABASE"
    mv "$TMP/stdout" "$TMP/named"
  fi
  for name in "$@"; do named "$name"; done
  gone
}
# unrestorable NAME: it shows only when the archive is restored, or drilled; nothing is left behind.
unrestorable() {
  database "$situations/$1.sql"
  load "$1"
  expect_exit 0 "$BELAY" backup -d "$DATABASE" -f "$TMP/a.belay" --verify none
  [ "${refusal[$1]%%|*}" = drill ] || expect_exit 8 "$BELAY" restore "$TMP/a.belay" -d "${DATABASE}_copy" --create
  expect_exit 4 "$BELAY" verify "$TMP/a.belay" --level compared -d "$DATABASE"
  cat "$TMP/stdout" "$TMP/stderr" >"$TMP/named"
  named "$1"
  [ "$(query postgres "select count(*) from pg_database where datname like '${DATABASE}_copy%'")" = 0 ] || failed+=("$1")
  gone
}
named() {
  local text=${refusal[$1]#*|}
  if grep -qF -- "$text" "$TMP/named"; then
    LOOPS=$((LOOPS + 1))
  else
    echo "$1: \"$text\" is not named; if it is carried now, take it off refused.txt" >&2
    failed+=("$1")
  fi
}

declare -A refusal
while IFS='|' read -r name stage text; do
  name=${name// /}
  case $name in '' | '#'*) continue ;; esac
  [ -e "$situations/$name.sql" ] || fail "refused.txt names no situation: $name"
  stage=${stage// /}
  text=${text# }
  refusal[$name]="$stage|${text:-s$name}"
done <"$situations/refused.txt"

failed=()
absent=0
shared=() refused_shared=() singles=() refused_singles=() unrestorable=()
for file in "$situations"/*.sql; do
  name=$(basename "$file" .sql)
  # shellcheck disable=SC2053
  [[ $name == ${PROOF_ONLY:-*} ]] || continue
  if ! here "$file"; then
    absent=$((absent + 1))
    continue
  fi
  header "$file" alone
  by_itself=$VALUE
  header "$file" pg_dump-differs
  case ${by_itself:-${VALUE:-${PROOF_ONLY:-}}}:${refusal[$name]:-} in
    *:restore* | *:drill*) unrestorable+=("$name") ;;
    :backup*) refused_shared+=("$name") ;;
    *:backup*) refused_singles+=("$name") ;;
    :) shared+=("$name") ;;
    *) singles+=("$name") ;;
  esac
done
[ ${#shared[@]} = 0 ] || together "${shared[@]}"
drop_what_is_mine  # names of roles that not every encoding has
for name in "${singles[@]}"; do alone "$name"; done
for ((i = 0; i < ${#refused_shared[@]}; i += 5)); do refused "${refused_shared[@]:i:5}"; done
for name in "${refused_singles[@]}"; do refused "$name"; done
for name in "${unrestorable[@]}"; do unrestorable "$name"; done
echo "server $server_major: $((${#shared[@]} + ${#singles[@]})) to be the same," \
  "$((${#refused_shared[@]} + ${#refused_singles[@]} + ${#unrestorable[@]})) to be refused, $absent cannot be had here"
[ ${#failed[@]} = 0 ] || fail "${#failed[@]} situations: ${failed[*]}"
