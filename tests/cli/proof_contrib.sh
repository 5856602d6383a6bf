#!/usr/bin/env bash
# The databases that the tests of contrib's modules leave behind come back as they were, to pg_dump, to
# belay and to the ledgers of both sides. A few modules in CTest, on the server that is installed; with a
# larger PROOF_COUNT all of them, on that of the source, which has what can be built here.
# shellcheck source=tests/cli/proof.inc
source "$(dirname "${BASH_SOURCE[0]}")/proof.inc"
# Those whose databases are the most telling.
modules=(hstore postgres_fdw citext ltree)
server=()
proof "${#modules[@]}"
regressdb=("$SOURCE/scripts/regressdb" "$server_major")
"${regressdb[@]}" --settings >"$TMP/contrib.conf" || skip "no source of PostgreSQL $server_major"
if [ "$COUNT" -gt "${#modules[@]}" ]; then
  server=(--source)
  mapfile -t modules < <("${regressdb[@]}" --modules)
fi
own_cluster "${server[@]}" --config "$TMP/contrib.conf"

library_folder=$(query postgres "select setting from pg_config where name = 'PKGLIBDIR'")
installed() { # MODULE: some are an extension without a library, some a library without an extension
  [ -e "$library_folder/$1.so" ] ||
    [ "$(query postgres "select count(*) from pg_available_extensions where name in ('$1', '$1u')")" != 0 ]
}

# What belay refuses, as it says itself, is taken out; a line that is not needed any longer must go.
refused() { sed -n "s/^$1 *| *//p" "$SOURCE/tests/fixtures/contrib_refused.txt"; }
take_out() { # DATABASE MODULE
  local statement
  refused "$2" | while read -r statement; do
    expect_exit 10 "$BELAY" backup -d "$1" -f "$TMP/never.belay"
    psql -d "$1" -c "$statement"
  done
}

objects=0
not_installed=()
nothing_left=()
for module in "${modules[@]:0:COUNT}"; do
  if ! installed "$module"; then
    not_installed+=("$module")
    continue
  fi
  database=contrib_regression_$module
  "${regressdb[@]}" "$module" >"$TMP/regressdb" 2>&1 ||
    { cat "$TMP/regressdb" >&2; fail "the tests of $module do not run"; }
  take_out "$database" "$module"
  expect_exit 0 "$BELAY" backup -d "$database" -f "$TMP/a.belay" --verify none
  emitted=$(ledger "$TMP/a.belay" | awk -F'|' '$2 == "emitted" { sum += $3 } END { print sum + 0 }')
  if [ "$emitted" = 0 ]; then
    nothing_left+=("$module")
  else
    # Where no table is left there are no contents to compare, and belay says so.
    relations=$(query "$database" "select count(*) from pg_class where oid >= 16384")
    tables=$(query "$database" "select count(*) from pg_class where oid >= 16384 and relkind in ('r', 'p', 'm')")
    wholly_faithful "$database" $((tables == 0 ? 5 : 0))
    printf '%-20s %4d objects, %4d relations: the same (%s)\n' "$module" "$emitted" "$relations" \
      "$(grep -oE '(All )?[0-9].*(passed|failed)' "$TMP/regressdb")"
    objects=$((objects + emitted))
    LOOPS=$((LOOPS + 1))
    drop_database "${database}_copy"
  fi
  drop_database "$database"
done
[ "${#nothing_left[@]}" = 0 ] || echo "nothing left by: ${nothing_left[*]}"
[ "${#not_installed[@]}" = 0 ] || echo "not installed here: ${not_installed[*]}"
echo "$LOOPS databases, $objects objects: the same"
