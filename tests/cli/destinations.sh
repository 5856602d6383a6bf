#!/usr/bin/env bash
# Where an archive or a schema goes: links, devices, fifos, the standard output by other names.
# Nothing that is not a regular file is ever replaced.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"

music_database

# The standard output by another name: the archive and nothing else.
for name in /dev/stdout /dev/fd/1 /proc/self/fd/1; do
  "$BELAY" backup -d "$DATABASE" -f $name 2>"$TMP/stderr" | cat >"$TMP/piped.belay"
  expect_exit 0 "$BELAY" verify "$TMP/piped.belay"
  "$BELAY" backup -d "$DATABASE" -f $name >"$TMP/redirected.belay" 2>"$TMP/stderr"
  expect_exit 0 "$BELAY" verify "$TMP/redirected.belay"
done
[ ! -f /dev/stdout ] || [ -L /dev/stdout ] || fail '/dev/stdout was replaced'

# Closed, it must not be the number of the next socket.
status=0
"$BELAY" backup -d "$DATABASE" -f - >&- 2>"$TMP/stderr" || status=$?
[ $status = 10 ] || fail "exit status $status"
expect_text "$TMP/stderr" 'standard output: Bad file descriptor'
status=0
"$BELAY" restore - -d "${DATABASE}_new" --create <&- 2>"$TMP/stderr" || status=$?
[ $status = 8 ] || fail "exit status $status"
expect_text "$TMP/stderr" 'standard input: Bad file descriptor'

# A link leads to the file; what it was is gone, with its receipt.
echo old >"$TMP/real.belay"
echo old >"$TMP/real.belay.receipt.json"
ln -s real.belay "$TMP/link.belay"
expect_exit 0 "$BELAY" backup -d "$DATABASE" -f "$TMP/link.belay" --verify none
[ -L "$TMP/link.belay" ] || fail 'the link was replaced'
[ ! -e "$TMP/real.belay.receipt.json" ] || fail 'a receipt of the old archive is left'
expect_exit 0 "$BELAY" verify "$TMP/real.belay"
ln -s later.sql "$TMP/link.sql"
expect_exit 0 "$BELAY" schema -d "$DATABASE" -f "$TMP/link.sql"
expect_text "$TMP/later.sql" 'CREATE TABLE studio.songs'

# The owner can read it, whatever the umask.
expect_exit 0 sh -c 'umask 777; exec "$@"' sh "$BELAY" backup -d "$DATABASE" --repo "$TMP/masked" --verify none
[ "$(find "$TMP/masked" -name '*.belay' -perm 600 | wc -l)" = 1 ] || fail 'the mode of the archive is not 0600'
find "$TMP/masked" -type d ! -perm 700 | grep . && fail 'the mode of a directory is not 0700'

# A fifo and a device.
mkfifo "$TMP/fifo"
cat "$TMP/fifo" >"$TMP/from_fifo" &
expect_exit 0 "$BELAY" schema -d "$DATABASE" -f "$TMP/fifo"
wait $!
cmp "$TMP/from_fifo" "$TMP/later.sql" || fail 'another schema came through the fifo'
[ -p "$TMP/fifo" ] || fail 'the fifo was replaced'
expect_exit 1 "$BELAY" schema -d "$DATABASE" -f /dev/full
[ -c /dev/full ] || fail '/dev/full was replaced'

# An unset variable is no place.
expect_error 2 '--repo: a directory is expected' "$BELAY" backup -d "$DATABASE" --repo ''
expect_error 2 'nowhere to write' env -u BELAY_REPO "$BELAY" backup -d "$DATABASE" -f ''
[ -z "$(repository_files)" ] || fail 'a file is left in the repository'
