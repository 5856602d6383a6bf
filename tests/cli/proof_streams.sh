#!/usr/bin/env bash
# From database to database through a pipe, in bounded memory; a pipe that is cut leaves nothing.
# PROOF_COUNT is the number of cuts, PROOF_MB the size of the large database.
# shellcheck source=tests/cli/proof.inc
source "$(dirname "${BASH_SOURCE[0]}")/proof.inc"
proof 50

# --- a large database, and the most memory that either process ever had -------------------------
megabytes=${PROOF_MB:-200}
limit_kb=$((100 * 1024))
new_database
large=$DATABASE
at_exit drop_database "${large}_copy"
for table in a b c d; do
  psql -d "$large" -c "create table $table (id int primary key, easy text, hard text);
    insert into $table select i, repeat(md5(i::text), 14),
      md5(i::text || 'a') || md5(i::text || 'b') || md5(i::text || 'c') || md5(i::text || 'd') || md5(i::text || 'e')
        || md5(i::text || 'f') || md5(i::text || 'g') || md5(i::text || 'h') || md5(i::text || 'i')
    from generate_series(1, $((megabytes * 1024 * 1024 / 4 / 810))) i" &
  loading+=($!)
done
for child in "${loading[@]}"; do ended "$child" 0; done
held=$(($(query "$large" "select sum(pg_table_size(oid)) from pg_class where relname in ('a', 'b', 'c', 'd')") >> 20))
[ "$held" -ge "$megabytes" ] || fail "the database has only $held MB"

# peak PID: VmHWM in kB, which only grows, as long as the process has one.
peak() {
  local key value
  while read -r key value _; do
    if [ "$key" = VmHWM: ]; then
      PEAK[$1]=$value
    fi
  done 2>/dev/null <"/proc/$1/status" || true
}
declare -A PEAK
mkfifo "$TMP/pipe"
"$BELAY" backup -d "$large" -f - >"$TMP/pipe" 2>"$TMP/backup.err" &
backup=$!
"$BELAY" restore - -d "${large}_copy" --create <"$TMP/pipe" >"$TMP/restore.out" 2>"$TMP/restore.err" &
restore=$!
at_exit kill $backup $restore
while kill -0 $backup 2>/dev/null || kill -0 $restore 2>/dev/null; do
  peak $backup
  peak $restore
  pause 0.02
done
ended $backup 0
ended $restore 0
echo "database of $held MB: backup ${PEAK[$backup]} kB, restore ${PEAK[$restore]} kB at most"
for process in $backup $restore; do
  [ "${PEAK[$process]:-0}" -gt 1000 ] || fail 'the memory was not measured'
  if sanitized; then
    echo "not held against $limit_kb kB: built with sanitizers"
    continue
  fi
  [ "${PEAK[$process]}" -lt $limit_kb ] || fail "${PEAK[$process]} kB are too much"
done
expect_exit 0 "$BELAY" compare "$large" "${large}_copy"
[ "$(query "${large}_copy" 'select count(*) from a')" -ge $((megabytes * 300)) ] || fail 'nothing arrived'
drop_database "${large}_copy"

# A reader that goes away is no success.
status=0
"$BELAY" backup -d "$large" -f - 2>"$TMP/stderr" > >(head -c 1000 >/dev/null) || status=$?
[ $status = 10 ] || { cat "$TMP/stderr" >&2; fail "a backup into a closed pipe ended with $status"; }
grep -q '^belay: ' "$TMP/stderr" || fail 'a backup into a closed pipe says nothing'
drop_database "$large"

# --- a small one, cut anywhere ------------------------------------------------------------------
music_database
small=$DATABASE
for way in piped loading; do at_exit drop_database "${small}_$way"; done
"$BELAY" backup -d "$small" -f - 2>"$TMP/stderr" | "$BELAY" restore - -d "${small}_piped" --create >/dev/null
faithful "$small" "${small}_piped"
drop_database "${small}_piped"
expect_exit 0 "$BELAY" backup -d "$small" -f "$TMP/a.belay" --verify none
size=$(stat -c %s "$TMP/a.belay")
before=$(server_state)
for ((LOOPS = 0; LOOPS < COUNT; LOOPS++)); do
  random $((size - 4096))
  length=$R
  status=0
  if [ $((LOOPS % 5)) = 0 ]; then
    # The whole way. The backup may be done before its reader is gone.
    set +e
    "$BELAY" backup -d "$small" -f - 2>/dev/null | head -c "$length" |
      "$BELAY" restore - -d "${small}_cut" --create >"$TMP/stdout" 2>"$TMP/stderr"
    ends=("${PIPESTATUS[@]}")
    set -e
    case ${ends[0]} in 0 | 10) ;; *) fail "the backup ended with ${ends[0]}" ;; esac
    status=${ends[2]}
  else
    head -c "$length" "$TMP/a.belay" |
      "$BELAY" restore - -d "${small}_cut" --create >"$TMP/stdout" 2>"$TMP/stderr" || status=$?
  fi
  [ "$status" = 4 ] || { cat "$TMP/stderr" >&2; fail "cut after $length of $size bytes: exit status $status"; }
  [ ! -s "$TMP/stdout" ] || fail "cut after $length bytes: it says something on the standard output"
  [ "$(server_state)" = "$before" ] || fail "cut after $length bytes: $(server_state)"
done
