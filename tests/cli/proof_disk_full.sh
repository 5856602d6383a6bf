#!/usr/bin/env bash
# The disk is full at any point of a backup: 10 and a message that says so, nothing under a final
# name, and what was there before is untouched.
# shellcheck source=tests/cli/proof.inc
source "$(dirname "${BASH_SOURCE[0]}")/proof.inc"
proof 10

music_database
"$BELAY" backup -d "$DATABASE" -f "$TMP/small.belay" --verify none -q
psql -d "$DATABASE" -c "create table noise as select i, md5(i::text) || md5((-i)::text) as text from generate_series(1, 40000) i"
"$BELAY" backup -d "$DATABASE" -f "$TMP/large.belay" --verify none -q
size=$(stat -c %s "$TMP/large.belay")

# A device that is always full needs no rights.
expect_error 10 'No space left' "$BELAY" backup -d "$DATABASE" -f /dev/full
status=0
"$BELAY" backup -d "$DATABASE" -f - >/dev/full 2>"$TMP/stderr" || status=$?
[ $status = 10 ] || fail "a full standard output: $status"
expect_text "$TMP/stderr" 'No space left'

disk=$TMP/disk
mkdir "$disk"
mount -t tmpfs -o "size=$((size * 2 + 262144))" tmpfs "$disk" 2>/dev/null ||
  skip 'mounting a small tmpfs is not allowed here (the rest of this test has passed)'
at_exit umount "$disk"

refused=0
for ((LOOPS = 0; LOOPS < COUNT; LOOPS++)); do
  rm -rf "${disk:?}"/*
  cp "$TMP/small.belay" "$disk/app.belay"
  # From nothing at all to just enough.
  random $((size + 20000))
  case $LOOPS in
    0) R=0 ;;
    1) R=$((size - 4096)) ;;   # the end of the archive
    2) R=$((size + 8192)) ;;   # about its receipt
    3) R=$((size + 65536)) ;;  # enough
  esac
  free=$(($(stat -f -c '%a * %S' "$disk")))
  head -c $((free - R)) /dev/zero >"$disk/filler"
  status=0
  "$BELAY" backup -d "$DATABASE" -f "$disk/app.belay" >"$TMP/stdout" 2>"$TMP/stderr" || status=$?
  if cmp -s "$TMP/small.belay" "$disk/app.belay"; then
    [ $status = 10 ] || fail "$R bytes free: exit status $status"
    expect_text "$TMP/stderr" 'No space left'
    refused=$((refused + 1))
    [ "$(find "$disk" -type f | sort)" = "$(printf '%s\n' "$disk/app.belay" "$disk/filler")" ] ||
      fail "$R bytes free: other files are left: $(find "$disk")"
  else
    # The archive fitted; its receipt may not have, and then this is said.
    case $status in
      0) ;;
      *) expect_text "$TMP/stderr" 'No space left' ;;
    esac
    expect_exit 0 "$BELAY" verify - <"$disk/app.belay"
  fi
  rm -f "$disk/app.belay.receipt.json"

  # The same with a repository, which had nothing in it.
  status=0
  "$BELAY" backup -d "$DATABASE" --repo "$disk/repository" >"$TMP/stdout" 2>"$TMP/stderr" || status=$?
  found=$(find "$disk" -path "$disk/repository/*" -name '*.belay')
  if [ -n "$found" ]; then
    expect_exit 0 "$BELAY" verify - <"$found"
    [ $status = 0 ] || expect_text "$TMP/stderr" 'No space left'
  else
    [ $status = 10 ] || fail "repository, $R bytes free: exit status $status"
    expect_text "$TMP/stderr" 'No space left'
    [ -z "$(find "$disk" -path "$disk/repository/*" -type f ! -name .lock)" ] ||
      fail "left in the repository: $(find "$disk/repository")"
  fi
done
[ $refused -ge 1 ] && [ $refused -lt "$COUNT" ] || fail "the disk was full $refused times of $COUNT: this proves nothing"
echo "refused $refused of $COUNT"
rm "$disk/filler"
expect_exit 0 "$BELAY" backup -d "$DATABASE" -f "$disk/app.belay"
