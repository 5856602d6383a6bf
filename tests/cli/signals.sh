#!/usr/bin/env bash
# A signal gives the command's own failure, and nothing is left: no file, no database.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"

music_database
source=$DATABASE
"$BELAY" backup -d "$source" -f "$TMP/a.belay" -q
before=$(server_state)

# Each command waits for something, so that the signal surely finds it at work.
# interrupted STATUS READY BYTES COMMAND...: so many bytes of an archive come through its standard
# input, then nothing; the signal is sent when READY succeeds.
mkfifo "$TMP/hold"
interrupted() {
  local status=0 wanted=$1 ready=$2 bytes=$3
  shift 3
  exec 7<>"$TMP/hold"
  "$@" <"$TMP/hold" >"$TMP/stdout" 2>"$TMP/stderr" 7>&- &
  local pid=$!
  head -c "$bytes" "$TMP/a.belay" >&7
  wait_for 20 "$ready"
  kill -TERM $pid
  kill -TERM $pid 2>/dev/null || true # as timeout(1) does: an echo, not impatience
  wait $pid || status=$?
  exec 7>&-
  [ "$status" = "$wanted" ] || { cat "$TMP/stderr" >&2; fail "exit status $status instead of $wanted: $*"; }
  grep -q '^belay: ' "$TMP/stderr" || fail "no error line: $*"
  [ "$(server_state)" = "$before" ] || fail "something was left on the server: $*"
}
loading() { [ -n "$(query postgres "select 1 from pg_database where datname like '${source}_new%'")" ]; }
waiting() { [ -n "$(query postgres "select 1 from pg_stat_activity where application_name like 'belay%' and wait_event_type = 'Lock'")" ]; }

# A restore whose pipe dries up.
interrupted 8 loading 9000 "$BELAY" restore - -d "${source}_new" --create
# Under nohup a hangup is not meant for us: the rest of the archive comes after it.
exec 7<>"$TMP/hold"
nohup "$BELAY" restore - -d "${source}_new" --create <"$TMP/hold" >"$TMP/stdout" 2>"$TMP/stderr" 7>&- &
survivor=$!
head -c 9000 "$TMP/a.belay" >&7
wait_for 20 loading
kill -HUP $survivor
tail -c +9001 "$TMP/a.belay" >&7
exec 7>&-
wait $survivor || { cat "$TMP/stderr" >&2; fail 'a hangup ended it under nohup'; }
psql -d postgres -c "drop database ${source}_new"
# A fifo that nobody writes.
mkfifo "$TMP/unwritten"
opened() { [ -n "$(find /proc/[0-9]*/fd -lname "$TMP/unwritten" 2>/dev/null || true)" ]; }
interrupted 5 opened 0 "$BELAY" verify "$TMP/unwritten"
interrupted 8 opened 0 "$BELAY" restore "$TMP/unwritten" -d "${source}_new" --create
# A backup that waits for somebody's lock on a table.
mkfifo "$TMP/session"
psql -d "$source" <"$TMP/session" >/dev/null &
holder=$!
exec 8>"$TMP/session"
echo 'begin; lock table studio.songs in access exclusive mode;' >&8
locked() { [ -n "$(query "$source" "select 1 from pg_locks where mode = 'AccessExclusiveLock' and granted and relation = 'studio.songs'::regclass")" ]; }
wait_for 10 locked
interrupted 10 waiting 0 "$BELAY" backup -d "$source" -f "$TMP/x.belay" --wait 60s 8>&-
interrupted 10 waiting 0 "$BELAY" backup -d "$source" --wait 60s 8>&-
exec 8>&-
wait $holder
[ -z "$(find "$TMP" -name '*x.belay*')" ] || fail 'a file is left'
[ -z "$(repository_files)" ] || fail 'a file is left in the repository'

# A backup whose reader stops reading, and one whose reader never comes.
mkfifo "$TMP/unread" "$TMP/stalled"
psql -d "$source" -c "create table studio.takes as select i, md5(i::text) from generate_series(1, 20000) i"
exec 9<>"$TMP/stalled"
# All rows have come, but the pipe does not take them.
full() { [ -n "$(query postgres "select 1 from pg_stat_activity where application_name = 'belay backup: copy' and datname = '$source' and state = 'idle in transaction' and query like '%COPY%takes%'")" ]; }
to_stalled() { exec "$BELAY" backup -d "$source" -f - 8>&- >"$TMP/stalled"; }
connected() { [ -n "$(query postgres "select 1 from pg_stat_activity where application_name like 'belay backup%' and datname = '$source'")" ]; }
interrupted 10 full 0 to_stalled
interrupted 10 connected 0 "$BELAY" backup -d "$source" -f "$TMP/unread"
exec 9>&-
