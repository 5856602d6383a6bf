#!/usr/bin/env bash
# Any flipped bit and any cut of an archive is found by the program: 4, one line, the member named.
# (tests/unit/archive_damage_test.cc does every position, in process.)
# shellcheck source=tests/cli/proof.inc
source "$(dirname "${BASH_SOURCE[0]}")/proof.inc"
proof 120

music_database
expect_exit 0 "$BELAY" backup -d "$DATABASE" -f "$TMP/a.belay" --verify none
at_exit drop_database "${DATABASE}_flipped"
before=$(server_state)
size=$(stat -c %s "$TMP/a.belay")
# Where each member's header is, and its name; the zero blocks belong to the last.
offsets=()
members=()
while IFS=' :' read -r _ block name; do
  case $name in '**'*) continue ;; esac
  offsets+=($((block * 512)))
  members+=("$name")
done < <(tar --list --block-number -f "$TMP/a.belay" | sed 's/^block \([0-9]*\): /block \1 /')
[ "${members[0]}" = 000-header.json ] && [ "${members[-1]}" = tail ] || fail "odd members: ${members[*]}"
member_at() {
  local i
  for ((i = ${#offsets[@]} - 1; offsets[i] > $1; i--)); do :; done
  MEMBER=${members[i]}
  PREVIOUS=${members[i > 0 ? i - 1 : 0]}
  IN_TAR_HEADER=no
  [ $(($1 - offsets[i])) -ge 512 ] || IN_TAR_HEADER=yes
}
# damaged ARCHIVE WHAT MEMBER OFFSET: refused by verify and, now and then, by a restore from a pipe.
damaged() {
  expect_error 4 '' "$BELAY" verify "$1"
  # A file that does not begin as an archive is not one. Behind a damaged tar header is "the member
  # after" the last good one.
  # The manifest's hash is in the tail: "another manifest".
  grep -qF -- "${3#manifest.json}" "$TMP/error" && { [ "$3" != manifest.json ] || grep -q manifest "$TMP/error"; } ||
    { [ "$4" -lt 512 ] && grep -q 'not a belay archive' "$TMP/error"; } ||
    { [ "$IN_TAR_HEADER" = yes ] && grep -qF "the member after $PREVIOUS" "$TMP/error"; } ||
    { cat "$TMP/error" >&2; fail "$2: the member $3 is not named"; }
  if [ $((LOOPS % 15)) = 14 ]; then
    expect_error 4 '' "$BELAY" restore - -d "${DATABASE}_flipped" --create <"$1"
    [ "$(server_state)" = "$before" ] || fail "$2: a restore left something behind"
  fi
}

flip() {
  local byte
  byte=$(od -An -tu1 -j "$1" -N 1 "$TMP/a.belay")
  cp "$TMP/a.belay" "$TMP/b.belay"
  # shellcheck disable=SC2059
  printf "\\x$(printf %02x $((byte ^ 1 << $2)))" |
    dd of="$TMP/b.belay" bs=1 seek="$1" conv=notrunc status=none
  cmp -s "$TMP/a.belay" "$TMP/b.belay" && fail 'the test flipped nothing'
  member_at "$1"
  damaged "$TMP/b.belay" "bit $2 of byte $1" "$MEMBER" "$1"
}
cut() {
  head -c "$1" "$TMP/a.belay" >"$TMP/b.belay"
  expect_error 4 '' "$BELAY" verify "$TMP/b.belay"
  [ "$1" -ge 512 ] || return 0
  grep -qE '000-header\.json|toc/|data/|manifest|tail' "$TMP/error" ||
    { cat "$TMP/error" >&2; fail "cut after $1 bytes: no member is named"; }
}
append() {
  { cat "$TMP/a.belay"; head -c "$1" /dev/zero; } >"$TMP/b.belay"
  expect_error 4 '' "$BELAY" verify "$TMP/b.belay"
}

# First the places that random ones would miss, then random ones.
for size_added in 1 512 10240; do append $size_added; done
for length in 0 1 511 512 $((size - 2048)) $((size - 1024)) $((size - 512)) $((size - 1)); do cut "$length"; done
for offset in "${offsets[@]}" $((size - 1024)) $((size - 1)); do flip "$offset" 0; done
for ((LOOPS = 0; LOOPS < COUNT; LOOPS++)); do
  random "$size"
  offset=$R
  random 8
  if [ $((LOOPS % 4)) = 3 ]; then cut "$offset"; else flip "$offset" "$R"; fi
done
expect_exit 0 "$BELAY" verify "$TMP/a.belay"
