#!/usr/bin/env bash
# What verify says, and what it must not say.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"

music_database
"$BELAY" backup -d "$DATABASE" -f "$TMP/a.belay" --verify none -q
before=$(server_state)

expect_exit 0 "$BELAY" verify "$TMP/a.belay"
expect_text "$TMP/stdout" 'not proved  that it restores'
expect_json "$TMP/a.belay.receipt.json" '{level}' readable
expect_exit 0 "$BELAY" verify "$TMP/a.belay" --level compared -d "$DATABASE"
expect_text "$TMP/stdout" 'compared: restored into a scratch database'
expect_json "$TMP/a.belay.receipt.json" '{level}' compared
# A weaker proof of the same bytes does not replace a stronger one.
expect_exit 0 "$BELAY" verify "$TMP/a.belay" --json
expect_json "$TMP/stdout" '{verdict}' verified
expect_json "$TMP/stdout" '{proof,level}' readable
expect_json "$TMP/a.belay.receipt.json" '{level}' compared

# From a pipe: a verdict, no receipt.
expect_exit 0 "$BELAY" verify - <"$TMP/a.belay"
expect_no_text "$TMP/stdout" receipt

# A flipped bit and a cut: 4, the member is named, the receipt goes.
cp "$TMP/a.belay" "$TMP/flipped.belay"
cp "$TMP/a.belay.receipt.json" "$TMP/flipped.belay.receipt.json"
offset=$(($(stat -c %s "$TMP/a.belay") / 2))
byte=$(od -An -tu1 -j $offset -N 1 "$TMP/a.belay" | tr -d ' ')
# shellcheck disable=SC2059
printf "\\x$(printf %02x $((byte ^ 4)))" | dd of="$TMP/flipped.belay" bs=1 seek=$offset conv=notrunc status=none
expect_error 4 '' "$BELAY" verify "$TMP/flipped.belay"
grep -qE 'data/|toc/|manifest|header|tail' "$TMP/error" || fail 'the member is not named'
[ ! -e "$TMP/flipped.belay.receipt.json" ] || fail 'the receipt of a damaged archive is still there'
expect_exit 4 "$BELAY" verify "$TMP/flipped.belay" --json
expect_json "$TMP/stdout" '{error,kind}' damaged
expect_exit 4 "$BELAY" verify "$TMP/flipped.belay" --level compared -d "$DATABASE"

# Could not run is not damaged.
expect_error 5 'none.belay' "$BELAY" verify "$TMP/none.belay"
expect_exit 3 "$BELAY" verify "$TMP/a.belay" --level compared -d none_such_database
expect_error 5 '' "$BELAY" verify "$TMP/a.belay" --level compared -d "$DATABASE" --drill-max-size 1kB
expect_json "$TMP/a.belay.receipt.json" '{level}' compared
# A proof that cannot be written down, here because the receipt's name would be too long.
name=$(printf '%0250d' 0)
cp "$TMP/a.belay" "$TMP/$name"
expect_error 5 "$name" "$BELAY" verify "$TMP/$name"

[ "$(server_state)" = "$before" ] || fail 'something was left on the server'
