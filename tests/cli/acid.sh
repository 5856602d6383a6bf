#!/usr/bin/env bash
# scripts/acid believes only a test that says how many loops it made.
# shellcheck source=tests/cli/common.inc
source "$(dirname "${BASH_SOURCE[0]}")/common.inc"

mkdir -p "$TMP/tree/scripts/acid.d"
cp "$SOURCE/scripts/acid" "$TMP/tree/scripts/"
acid_test() {
  printf '#!/bin/sh\n%s\n' "$2" >"$TMP/tree/scripts/acid.d/$1"
  chmod +x "$TMP/tree/scripts/acid.d/$1"
}
acid=$TMP/tree/scripts/acid

# shellcheck disable=SC2016  # for the test to expand
acid_test good 'echo "loops=${ACID_COUNT:-3} failures=$((ACID_SEED - 7))"'
expect_exit 0 "$acid" --seed 7
expect_text "$TMP/stdout" 'good                 |       3 |        0 |          7 |'
expect_exit 0 "$acid" --seed 7 --count 12 good
expect_text "$TMP/stdout" '|      12 |        0 |'
expect_exit 1 "$acid" --seed 9 good
expect_text "$TMP/stdout" '|       3 |        2 |'
expect_exit 2 "$acid" absent
expect_exit 2 "$acid" --count many

acid_test silent 'exit 0'
expect_exit 1 "$acid" --seed 7
expect_text "$TMP/stdout" 'good                 |       3 |        0 |'
expect_text "$TMP/stdout" 'silent               |       0 |        1 |'

acid_test silent 'echo loops=0 failures=0'
expect_exit 1 "$acid" --seed 7 silent

acid_test silent 'echo loops=5 failures=0; exit 3'
expect_exit 1 "$acid" --seed 7 silent
expect_text "$TMP/stdout" '|       5 |        1 |'
