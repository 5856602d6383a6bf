#!/usr/bin/env bash
# The database that PostgreSQL's own regression tests leave behind comes back as it was, to pg_dump,
# to belay and to the ledgers of both sides.
# shellcheck source=tests/cli/proof.inc
source "$(dirname "${BASH_SOURCE[0]}")/proof.inc"
proof 1
own_cluster
"$SOURCE/scripts/regressdb" "$server_major" >"$TMP/regressdb" || skip "no regression database of PostgreSQL $server_major"
cat "$TMP/regressdb"

# No backup refuses any of it; what only a drill tells is taken out first, as the file says.
PGOPTIONS='-c client_min_messages=error' psql -d regression -f "$SOURCE/tests/fixtures/regression_refused.sql"
wholly_faithful regression
echo "$(query regression 'select count(*) from pg_class where oid >= 16384') relations: the same"
LOOPS=$((LOOPS + 1))
