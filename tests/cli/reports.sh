#!/usr/bin/env bash
# What `migrate` leaves for machines: events, its result, the message of a container that has ended.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"
# shellcheck source=tests/cli/alembic.inc
source "$(dirname "$0")/alembic.inc"

new_database
query "$DATABASE" 'create table t (i int primary key)' >/dev/null
ran() { "$BELAY" migrate -d "$DATABASE" --keep-copy 0 "$@"; }
# events FILE JQ-LIKE-CHECK in Python over the list `events`.
events() {
  /usr/bin/python3 -c 'import json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
assert all(e["schema"] == "belay.migrate.event/1" and e["at"].endswith("Z") for e in events), events
assert events[0]["event"] == "begin" and [e["event"] for e in events].count("result") == 1, events
assert events[-1]["event"] == "result", events
assert '"$2"', events' "$1" || fail "the events are not right"
}

# Good: in files, whose former contents are gone, and in the same words as --json.
printf 'old\nold\n' | tee "$TMP/events" "$TMP/result" >"$TMP/message"
ln "$TMP/message" "$TMP/mounted"
expect_exit 0 ran --events "$TMP/events" --result-file "$TMP/result" --termination-message "$TMP/message" --json -- true
events "$TMP/events" '"run the command" in [e.get("name") for e in events] and events[-1]["exit_status"] == 0'
cmp <(json "$TMP/stdout" '{}') <(json "$TMP/result" '{}') || fail 'another result than that of --json'
[ "$(cat "$TMP/message")" = 'the command exited with 0' ] || fail 'not the message that was expected'
# Kubernetes mounts that one file: it is written where it is.
cmp "$TMP/message" "$TMP/mounted" || fail 'the file was replaced'

# Failed: the three lines.
expect_failure 30 'exit status 3' env BELAY_EVENTS="$TMP/events" BELAY_RESULT_FILE="$TMP/result" \
  BELAY_TERMINATION_MESSAGE="$TMP/message" "$BELAY" migrate -d "$DATABASE" --keep-copy 0 -- sh -c 'exit 3'
events "$TMP/events" 'events[-1]["failure"]["kind"] == "migration_failed_unchanged"'
expect_json "$TMP/result" '{exit_status}' 30
diff <(sed 's/^belay: //; s/^  //' "$TMP/three") "$TMP/message" || fail 'not the three lines'

# Refused, and used wrongly: also then there is a result.
expect_failure 17 'command not found' ran --events "$TMP/events" --result-file "$TMP/result" -- no-such-command
events "$TMP/events" 'events[-1]["exit_status"] == 17'
expect_json "$TMP/result" '{failure,kind}' preflight
expect_error 2 'needs a reason' ran --gate off --events "$TMP/events" --result-file "$TMP/result" --termination-message "$TMP/message" -- true
events "$TMP/events" 'events[-1]["error"]["kind"] == "usage"'
expect_json "$TMP/result" '{exit_status}' 2
expect_text "$TMP/message" 'needs a reason'

# Through the standard output: then nothing else is there.
expect_exit 0 ran --events - -- echo 'what the command says'
events "$TMP/stdout" 'any("restoring it" in e.get("text", "") for e in events)'
expect_text "$TMP/stderr" 'what the command says'
expect_exit 2 ran --events - --json -- true
expect_text "$TMP/stderr" 'cannot carry events and the result'

# What cannot be written is told before anything is done; what cannot be written any more is no failure.
expect_error 2 'cannot write what --result-file names' ran --result-file "$TMP/no/result" -- true
expect_error 2 'cannot write what --events names' ran --events "$TMP/no/events" -- true
expect_exit 0 ran --events /dev/full --termination-message /dev/full -- true
expect_text "$TMP/stderr" 'warning: cannot write to /dev/full'
