#!/usr/bin/env bash
# The database of PostgreSQL's own tests of pg_dump comes back as it was, to pg_dump, to belay and to
# the ledgers of both sides; where the server has PostgreSQL's test modules, that of the extension
# test_pg_dump, too. What belay refuses stands in tests/fixtures/dump_tests_refused.txt.
# shellcheck source=tests/cli/proof.inc
source "$(dirname "${BASH_SOURCE[0]}")/proof.inc"
proof 1
own_cluster
mapfile -t refused < <(grep -v '^#' "$SOURCE/tests/fixtures/dump_tests_refused.txt")

WITHOUT=
[ "$(query postgres "select count(*) from pg_collation where collname = 'und-x-icu'")" != 0 ] || WITHOUT+='icu '
[ "$(query postgres "select 'lz4' = any (enumvals) from pg_settings where name = 'default_toast_compression'")" = t ] || WITHOUT+=lz4
export WITHOUT
# load DATABASE ARGUMENTS OF dumpsql...
load() {
  local database=$1
  shift
  "$SOURCE/scripts/dumpsql" "$server_major" "$@" >"$TMP/load.sql" || skip "no source of PostgreSQL $server_major"
  PGOPTIONS='-c client_min_messages=error' psql -d "$database" -f "$TMP/load.sql" >"$TMP/stdout" 2>"$TMP/stderr" || {
    tail -n 1 "$TMP/stdout" >&2
    cat "$TMP/stderr" >&2
    fail "cannot load the tests of pg_dump into $database"
  }
}
load postgres "${refused[@]}"
wholly_faithful postgres
echo "$(grep -c '^.echo' "$TMP/load.sql") statements of the tests of pg_dump: the same"
LOOPS=$((LOOPS + 1))
"$SOURCE/scripts/dumpsql" "$server_major" >"$TMP/all.sql"
if ! cmp -s "$TMP/load.sql" "$TMP/all.sql"; then
  # What was left out, now: a list that is not needed any longer must go.
  awk 'NR == FNR { done[$0]; next } /^\\echo/ { skip = ($0 in done) } !skip' \
    <(grep '^.echo' "$TMP/load.sql") "$TMP/all.sql" | psql -d postgres >"$TMP/stdout" 2>&1
  expect_exit 10 "$BELAY" backup -d postgres -f "$TMP/never.belay"
fi

if [ "$(query postgres "select count(*) from pg_available_extensions where name = 'test_pg_dump'")" = 1 ]; then
  new_database
  load "$DATABASE" --extension 'CREATE ROLE regress_dump_test_role' "${refused[@]}"
  wholly_faithful "$DATABASE"
  echo "$(grep -c '^.echo' "$TMP/load.sql") statements of the extension test_pg_dump: the same"
  LOOPS=$((LOOPS + 1))
fi
