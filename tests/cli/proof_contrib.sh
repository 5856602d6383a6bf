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

# What belay refuses, as it says itself, is taken out; a line that is not needed any longer must go.
take_out() { # DATABASE MODULE
  local module from statement
  while IFS='|' read -r module from statement; do
    [[ ${module% } = "$2" && $server_major -ge $from ]] || continue
    expect_exit 10 "$BELAY" backup -d "$1" -f "$TMP/never.belay"
    psql -d "$1" -c "$statement"
  done <"$SOURCE/tests/fixtures/contrib_refused.txt"
}

objects=0
not_installed=()
nothing_left=()
for module in "${modules[@]:0:COUNT}"; do
  database=contrib_regression_$module
  status=0
  "${regressdb[@]}" "$module" >"$TMP/regressdb" 2>&1 || status=$?
  if [ "$status" = 3 ]; then
    not_installed+=("$module")
    continue
  fi
  [ "$status" = 0 ] || { cat "$TMP/regressdb" >&2; fail "the tests of $module do not run"; }
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
