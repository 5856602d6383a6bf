#!/usr/bin/env bash
# Sealed copies: kept, known, dropped when their time is over; and what gc drops besides, and never.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"

: "${BELAY_KILLED_AT:?is set by CTest to the program that is killed at a step}"
music_database
made() { query postgres "select datname from pg_database where datname like '$DATABASE\_\_belay\_$1' order by 1"; }
# left NAME REASON, gone NAME: what the last `gc --json` decided.
reason() { psql -At -d postgres -v document="$(cat "$TMP/stdout")" -v name="$1" -v dropped="$2" <<<"
  select one->>'reason' from jsonb_array_elements(:'document'::jsonb->'decisions') one
   where one->>'name' = :'name' and (one->>'dropped') = :'dropped'"; }
left() { case $(reason "$1" false) in *"$2"*) ;; *) cat "$TMP/stdout" >&2; fail "not left because of '$2': $1" ;; esac; }
gone() { [ -n "$(reason "$1" true)" ] || { cat "$TMP/stdout" >&2; fail "not dropped: $1"; }; }
gc() { expect_exit 0 "$BELAY" gc -d "$DATABASE" --json "$@"; }

# A copy needs a drill, and a journal that remembers it.
expect_error 2 'no drill whose database could be kept' "$BELAY" backup -d "$DATABASE" --keep-copy 1h
expect_error 2 'no drill whose database could be kept' "$BELAY" backup -d "$DATABASE" --keep-copy 1h --verify compared -f "$TMP/x"
expect_exit 0 "$BELAY" backup -d "$DATABASE" --verify compared --keep-copy 1h --json
copy=$(json "$TMP/stdout" '{backups,0,proof,sealed_copy}')
archive=$(json "$TMP/stdout" '{backups,0,archive}')
[ "$(made %)" = "$copy" ] || fail 'the copy is not there, or not alone'
[ "$(query postgres "select datallowconn, datconnlimit from pg_database where datname = '$copy'")" = 'f|-1' ] ||
  fail 'the copy is not closed'
sealed=$(find "$BELAY_REPO/journal" -name '*-sealed-*.json')
expect_json "$sealed" '{copy_name}' "$copy"
expect_json "$sealed" '{copy_oid}' "$(query postgres "select oid from pg_database where datname = '$copy'")"
expect_json "$sealed" '{archive_sha256}' "$(sha256sum "$archive" | cut -d ' ' -f 1)"
gc
left "$copy" 'kept for a rollback until'

# Its time over, it goes with the next command on the repository; or with gc, which knows it by its
# comment. What somebody has opened is not belay's to drop.
expect_exit 0 "$BELAY" verify "$archive" --level compared -d "$DATABASE" --keep-copy 1ms
[ "$(made % | wc -l)" = 2 ] || fail 'verify kept no copy'
expect_exit 0 "$BELAY" backup -d "$DATABASE" --verify none
expect_text "$TMP/stdout" 'dropped the sealed copy'
[ "$(made %)" = "$copy" ] || fail 'the expired copy is still there, or the other is gone'
[ "$(find "$BELAY_REPO/journal" -name '*-dropped-*.json' | wc -l)" = 1 ] || fail 'the journal does not know that it is gone'
expect_exit 0 "$BELAY" verify "$archive" --level compared -d "$DATABASE" --keep-copy 1ms
expired=$(made % | grep -v "$copy")
psql -d postgres -c "alter database \"$expired\" allow_connections true"
expect_exit 0 "$BELAY" backup -d "$DATABASE" --verify none
gc --dry-run
left "$expired" 'somebody opened it'
psql -d postgres -c "alter database \"$expired\" allow_connections false"
gc --dry-run
gone "$expired"
[ "$(made % | wc -l)" = 2 ] || fail 'a dry run dropped something'
gc
gone "$expired"
[ "$(made %)" = "$copy" ] || fail 'gc dropped the wrong one'

# A scratch database of a killed run goes, also if it bears no comment yet; with somebody in it, or
# with a run that works with it, it stays.
orphan() {
  "$BELAY_KILLED_AT" "$1" "$TMP/steps" verify "$archive" --level compared -d "$DATABASE" >"$TMP/killed" 2>&1 &&
    fail 'it was not killed'
  orphan=$(made 'drill\_%')
  [ -n "$orphan" ] || fail "nothing was left at step $1"
}
free() { [ "$(query postgres "select count(*) from pg_locks where locktype = 'advisory' and classid = x'62656C61'::int")" = 0 ]; }
orphan 3
psql -d postgres -c "comment on database \"$orphan\" is null"
wait_for 10 free
psql -d "$orphan" -c 'select pg_sleep(600)' >/dev/null 2>&1 &
sleeper=$!
sleeps() { [ "$(query postgres "select count(*) from pg_stat_activity where datname = '$orphan' and query like 'select pg_sleep(600)%'")" = 1 ]; }
wait_for 10 sleeps
gc
left "$orphan" 'not belay'
query postgres "select pg_terminate_backend(pid) from pg_stat_activity where datname = '$orphan'" >/dev/null
wait "$sleeper" 2>/dev/null || true
gc
gone "$orphan"
[ "$(made %)" = "$copy" ] || fail 'the orphan is still there'

"$BELAY" verify "$archive" --level compared -d "$DATABASE" >"$TMP/alive" 2>&1 &
alive=$!
at_work() { made 'drill\_%' | grep -q .; }
wait_for 10 at_work
kill -STOP "$alive"
at_exit kill -KILL "$alive"
orphan=$(made 'drill\_%')
gc
left "$orphan" 'a run of belay works with it'
kill -CONT "$alive"
wait "$alive" || { cat "$TMP/alive" >&2; fail 'gc harmed a drill that ran'; }

# Names alone prove nothing, nor does a comment that was copied with a dump.
named=${DATABASE}__belay_drill_0a1b2c3d
psql -d postgres -c "create database \"$named\""
gc
left "$named" 'only its name'
psql -d postgres -c "comment on database \"$named\" is 'belay drill database; oid 1; archive x'"
gc
left "$named" 'only its name'
# DROP DATABASE was interrupted: nobody can connect to it any more.
query postgres "update pg_database set datconnlimit = -2 where datname = '$named'" >/dev/null
gc
gone "$named"

# What a rollback kept goes only with --failed, and only that database's; one that was not finished
# keeps what it needs.
"$BELAY_KILLED_AT" 4 "$TMP/steps" rollback -d "$DATABASE" "$archive" >"$TMP/killed" 2>&1 && fail 'it was not killed'
expect_text "$TMP/steps" 'take over the name'
gc --failed
left "$copy" 'was not finished'
expect_exit 0 "$BELAY" rollback -d "$DATABASE" --resume
expect_error 2 'an unfinished rollback needs' env -u BELAY_REPO "$BELAY" gc -d "$DATABASE" --failed
gc
kept=$(made 'failed\_%')
left "$kept" 'goes with --failed'
expect_exit 0 "$BELAY" gc -d postgres --failed --json
left "$kept" 'another database'
gc --failed
gone "$kept"
[ -z "$(made %)" ] || fail 'something is left'
expect_error 41 'is gone' "$BELAY" rollback -d "$DATABASE" --undo
query "$DATABASE" 'select count(*) from studio.songs' >/dev/null || fail 'the database that was the copy is gone'

# Temporary files of killed runs, in the repository.
partial=$BELAY_REPO/$DATABASE/.20260101T000000Z-0.belay.0a.partial
event=$BELAY_REPO/journal/.20260101T000000.000000Z-0-intent-0.json.0a.partial
touch "$partial" "$event"
gc --dry-run
[ -e "$partial" ] && [ -e "$event" ] || fail 'a dry run removed a file'
gc
[ ! -e "$partial" ] && [ ! -e "$event" ] || fail 'temporary files are still there'
expect_exit 0 "$BELAY" gc -d "$DATABASE"
expect_text "$TMP/stdout" 'nothing to collect'

# A role that may not drop it is told so.
orphan 3
wait_for 10 free
new_role login
expect_exit 0 env PGUSER="$ROLE" "$BELAY" gc -d postgres --json
left "$orphan" 'must be owner'
gc
gone "$orphan"
