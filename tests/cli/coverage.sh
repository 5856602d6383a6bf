#!/usr/bin/env bash
# The tables of docs/coverage.md say what the list of kinds and the list of refusals say.
# shellcheck source=tests/cli/common.inc
source "$(dirname "${BASH_SOURCE[0]}")/common.inc"

expect_exit 0 "$SOURCE/scripts/coverage" --check
for kind in table 'published schema' 'default privileges'; do expect_text "$SOURCE/docs/coverage.md" "| $kind |"; done
