#!/usr/bin/env bash
# Backup into a repository and to a file, read back, proved, listed, judged and pruned.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"

music_database
expect_exit 0 "$BELAY" backup -d "$DATABASE" -j 2 --env production
expect_text "$TMP/stdout" "backed up: database $DATABASE"
expect_text "$TMP/stdout" '2 tables, 550 rows'
expect_text "$TMP/stdout" 'readable: every byte was read'
archive=$(find "$BELAY_REPO/$DATABASE" -name '*.belay')
[[ $(basename "$archive") =~ ^[0-9]{8}T[0-9]{6}Z-[0-9a-f]+\.belay$ ]] || fail "odd name: $archive"
receipt=${archive%.belay}.receipt.json
[ "$(repository_files)" = "$(printf '%s\n' "$archive" "$receipt" | sort)" ] || fail "other files: $(repository_files)"
[ "$(stat -c %a "$archive")" = 600 ] || fail 'others may read the archive'
[ "$(stat -c %a "$BELAY_REPO")" = 700 ] || fail 'others may look into the repository'

expect_exit 0 "$BELAY" backup -d "$DATABASE" --json
expect_json "$TMP/stdout" '{command}' backup
expect_json "$TMP/stdout" '{ok}' true
expect_json "$TMP/stdout" '{backups,0,database}' "$DATABASE"
expect_json "$TMP/stdout" '{backups,0,rows}' "$(json "$TMP/stdout" '{backups,0,proof,rows}')"
expect_json "$TMP/stdout" '{backups,0,proof,level}' readable
expect_json "$TMP/stdout" '{backups,0,sha256}' \
  "$(sha256sum "$(json "$TMP/stdout" '{backups,0,archive}')" | cut -d' ' -f1)"

# To a file, with the strongest proof; quiet means quiet.
expect_exit 0 "$BELAY" backup -d "$DATABASE" -f "$TMP/a.belay" --verify compared -q
[ ! -s "$TMP/stdout" ] && [ ! -s "$TMP/stderr" ] || fail 'not quiet'
expect_json "$TMP/a.belay.receipt.json" '{level}' compared
for compression in none gzip:9 zstd:10; do
  expect_exit 0 "$BELAY" backup -d "$DATABASE" -f "$TMP/$compression.belay" -Z $compression --format text
  expect_exit 0 "$BELAY" compare "$TMP/$compression.belay" "$DATABASE"
done
expect_exit 0 "$BELAY" backup -d "$DATABASE" -f "$TMP/n.belay" --verify none
[ ! -e "$TMP/n.belay.receipt.json" ] || fail 'a receipt without a proof'

# The plan changes nothing.
expect_exit 0 "$BELAY" backup -d "$DATABASE" --dry-run -f "$TMP/never.belay"
[ ! -e "$TMP/never.belay" ] || fail 'a dry run wrote an archive'

# Several databases: the others are still backed up, the first failure decides.
expect_exit 3 "$BELAY" backup -d none_such_database -d "$DATABASE" --repo "$TMP/two"
expect_text "$TMP/stderr" 'none_such_database'
[ "$(find "$TMP/two/$DATABASE" -name '*.belay' | wc -l)" = 1 ] || fail 'the second database was not backed up'
expect_exit 3 "$BELAY" backup -d none_such_database -d "$DATABASE" --repo "$TMP/two" --json
expect_json "$TMP/stdout" '{backups,0,error,kind}' unreachable
expect_json "$TMP/stdout" '{backups,1,database}' "$DATABASE"

# list, status, prune.
expect_exit 0 "$BELAY" list
expect_text "$TMP/stdout" "$archive"
expect_text "$TMP/stdout" production
expect_exit 0 "$BELAY" list --json
expect_json "$TMP/stdout" '{archives,0,proved}' readable
expect_exit 0 "$BELAY" status
expect_exit 6 "$BELAY" status --level compared
expect_exit 6 "$BELAY" status --max-age 0
expect_exit 6 "$BELAY" status -d other
expect_exit 6 "$BELAY" status --json --max-age 0
expect_json "$TMP/stdout" '{databases,0,fresh}' false
expect_exit 0 "$BELAY" prune --keep-last 1 --dry-run
[ "$(find "$BELAY_REPO" -name '*.belay' | wc -l)" = 2 ] || fail 'a dry run removed something'
expect_exit 0 "$BELAY" verify "$archive" --level compared -d "$DATABASE"
"$BELAY" backup -d "$DATABASE" -q --verify none
expect_exit 0 "$BELAY" prune --keep-last 0
expect_text "$TMP/stdout" 'removed 1 archive'
expect_exit 0 "$BELAY" list --json
[ "$(json "$TMP/stdout" '{archives}' | grep -o '"proved": "[a-z ]*"' | sort | paste -sd' ')" = \
  '"proved": "compared" "proved": "readable"' ] || fail 'other archives stayed than the proved ones'
expect_exit 0 "$BELAY" status --level compared

# A receipt of other bytes proves nothing, and neither does a damaged archive.
"$BELAY" backup -d "$DATABASE" -q --verify none
other=$(find "$BELAY_REPO" -name '*.belay' -newer "$receipt" ! -path "$archive")
cp "$receipt" "${other%.belay}.receipt.json"
expect_exit 0 "$BELAY" list --json
[ "$(grep -c '"not verified"' "$TMP/stdout")" = 1 ] || fail "a stranger's receipt was believed"
truncate -s -600 "$archive"
expect_exit 6 "$BELAY" status --level compared
expect_exit 0 "$BELAY" prune --keep-last 1
expect_text "$TMP/stderr" "left alone: $archive"
expect_exit 4 "$BELAY" verify "$archive"
[ ! -e "$receipt" ] || fail 'the receipt of a damaged archive is still there'
