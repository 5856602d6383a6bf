#!/usr/bin/env bash
# The database that PostgreSQL's own regression tests leave behind comes back as it was, to pg_dump,
# to belay and to the ledgers of both sides.
# shellcheck source=tests/cli/proof.inc
source "$(dirname "${BASH_SOURCE[0]}")/proof.inc"
proof 1
own_cluster
"$SOURCE/scripts/regressdb" "$server_major" >"$TMP/regressdb" || skip "no regression database of PostgreSQL $server_major"
cat "$TMP/regressdb"

# What belay refuses is dropped first, as the file says; all of it at once must be refused.
mapfile -t drops < <(grep -v '^--' "$SOURCE/tests/fixtures/regression_refused.sql")
if [ ${#drops[@]} -gt 0 ]; then
  expect_exit 10 "$BELAY" backup -d regression -f "$TMP/never.belay"
  PGOPTIONS='-c client_min_messages=error' psql -d regression -v ON_ERROR_STOP=0 -f "$SOURCE/tests/fixtures/regression_refused.sql"
fi
wholly_faithful regression
echo "$(query regression 'select count(*) from pg_class where oid >= 16384') relations: the same"
LOOPS=$((LOOPS + 1))
