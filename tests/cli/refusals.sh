#!/usr/bin/env bash
# Bad input: one clear line, the right exit status, and nothing changed.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"

music_database
source=$DATABASE
"$BELAY" backup -d "$source" -f "$TMP/a.belay" -q
new_role login
reader=$ROLE
new_role login password "'right'" in role belay_password
guarded=$ROLE
before=$(server_state)

# Cannot connect, or not permitted: 3.
expect_error 3 'no password' "$BELAY" backup -d "$source" -U "$guarded" -w -f "$TMP/x.belay"
expect_error 3 'password authentication failed' \
  env PGPASSWORD=wrong "$BELAY" backup -d "$source" -U "$guarded" -f "$TMP/x.belay"
expect_no_text "$TMP/stderr" wrong
expect_error 3 '' "$BELAY" backup -d "$source" -p 1 -f "$TMP/x.belay"
expect_error 3 'none_such_database' "$BELAY" backup -d none_such_database -f "$TMP/x.belay"
expect_error 3 '' "$BELAY" backup -d "postgresql://u:secret@/none_such_database?host=$PGHOST" -f "$TMP/x.belay"
expect_no_text "$TMP/stderr" secret

# No right on one table: the GRANT that is printed mends it.
psql -d "$source" -c "grant usage on schema studio to $reader; grant select on all tables in schema studio to $reader;
  grant select on all sequences in schema studio to $reader; revoke select on studio.songs from $reader;
  do \$\$ declare o oid; begin for o in select oid from pg_largeobject_metadata loop
    execute format('grant select on large object %s to $reader', o); end loop; end \$\$"
expect_error 3 'table studio.songs' "$BELAY" backup -d "$source" -U "$reader" -f "$TMP/x.belay"
grant=$(sed -n 's/^  next: //p' "$TMP/error")
[ "$grant" = "GRANT SELECT ON studio.songs TO $reader" ] || fail "another grant: $grant"
psql -d "$source" -c "$grant"
expect_exit 0 "$BELAY" backup -d "$source" -U "$reader" -f "$TMP/reader.belay"
rm "$TMP/reader.belay" "$TMP/reader.belay.receipt.json"
at_exit psql -d "$source" -c "drop owned by $reader"

# Not an archive: 4. Newer: 12.
head -c 5000 /dev/zero >"$TMP/zeros.belay"
echo 'create table t();' >"$TMP/script.belay"
: >"$TMP/empty.belay"
for file in zeros script empty; do
  for command in verify inspect schema 'restore -d cli_none --create' 'compare postgres'; do
    # shellcheck disable=SC2086
    expect_error 4 '' "$BELAY" $command "$TMP/$file.belay"
  done
done
# The header's last line is the SHA-256 of what is before it, so the version can be raised.
size=$((8#$(dd if="$TMP/a.belay" bs=1 skip=124 count=11 status=none)))
dd if="$TMP/a.belay" bs=1 skip=512 count="$size" status=none | sed '$d' |
  sed -E 's/("major": ?)0/\19/' >"$TMP/header"
sha256sum "$TMP/header" | cut -c 1-64 >>"$TMP/header"
[ "$(stat -c %s "$TMP/header")" = "$size" ] || fail 'the test cannot make a newer archive'
cp "$TMP/a.belay" "$TMP/newer.belay"
dd if="$TMP/header" of="$TMP/newer.belay" bs=1 seek=512 conv=notrunc status=none
for command in verify inspect schema 'restore -d cli_none --create' 'compare postgres'; do
  # shellcheck disable=SC2086
  expect_error 12 '' "$BELAY" $command "$TMP/newer.belay"
done

# The target exists: 8, and it is not touched.
expect_error 8 "$source" "$BELAY" restore "$TMP/a.belay" -d "$source" --create
[ "$(query "$source" 'select count(*) from studio.songs')" = 500 ] || fail 'the target was touched'

# A name that the server would cut: 2.
expect_error 2 'more than 63 bytes' "$BELAY" restore "$TMP/a.belay" -d "$(printf '%064d' 1)" --create

# The repository cannot be written: 10.
touch "$TMP/file"
expect_error 10 "$TMP/file" "$BELAY" backup -d "$source" --repo "$TMP/file"
expect_error 10 "$TMP/missing/" "$BELAY" backup -d "$source" -f "$TMP/missing/x.belay"
if [ -w /proc/self/comm ]; then
  expect_error 10 '' "$BELAY" backup -d "$source" --repo /proc/belay
fi

# Two backups of one database into one repository: 7. The lock is taken from outside.
mkdir -p "$BELAY_REPO/$source"
exec 9>"$BELAY_REPO/$source/.lock"
flock 9
expect_error 7 "$source" "$BELAY" backup -d "$source"
exec 9>&-
expect_exit 0 "$BELAY" backup -d "$source"
# The same with two that run: the first waits for somebody's lock on a table, and is not disturbed.
mkfifo "$TMP/locker"
psql -d "$source" <"$TMP/locker" >/dev/null &
holder=$!
exec 9>"$TMP/locker"
echo 'begin; lock table studio.songs in access exclusive mode;' >&9
locked() { [ -n "$(query "$source" "select 1 from pg_locks where mode = 'AccessExclusiveLock' and granted and relation = 'studio.songs'::regclass")" ]; }
queued() { [ -n "$(query "$source" "select 1 from pg_locks where not granted and relation = 'studio.songs'::regclass")" ]; }
wait_for 10 locked
"$BELAY" backup -d "$source" --wait 60s >"$TMP/first" 2>&1 9>&- &
first=$!
wait_for 10 queued
expect_error 7 "$source" "$BELAY" backup -d "$source"
exec 9>&-
wait "$holder"
wait "$first" || { cat "$TMP/first" >&2; fail 'the first of two backups failed'; }
expect_exit 0 "$BELAY" list
[ "$(grep -c '\.belay ' "$TMP/stdout")" = 2 ] || fail 'there are not two archives'
rm -r "$BELAY_REPO"

# A migration's lock is waited for, and not longer than --wait: 20.
mkfifo "$TMP/session"
psql -d "$source" <"$TMP/session" >/dev/null &
holder=$!
exec 8>"$TMP/session"
echo 'select pg_advisory_lock(1650814049, 1);' >&8
deadline=$((SECONDS + 10))
until [ "$(query "$source" "select count(*) from pg_locks where locktype = 'advisory' and granted")" = 1 ]; do
  [ $SECONDS -lt $deadline ] || fail 'the lock was not had'
done
expect_error 20 '' "$BELAY" backup -d "$source" -f "$TMP/x.belay" --wait 300ms
exec 8>&-
wait "$holder"

[ ! -e "$TMP/x.belay" ] || fail 'an archive was written all the same'
[ "$(server_state)" = "$before" ] || fail 'something changed on the server'
[ -z "$(find "$TMP" -name '*.partial*' -o -name '*.tmp*')" ] || fail 'a temporary file is left'
