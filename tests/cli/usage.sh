#!/usr/bin/env bash
# Wrong use: exit status 2, one line, and where it helps the nearest right word.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"

before=$(server_state)
expect_error 2 'no command given' "$BELAY"
expect_error 2 'unknown command: bakcup' "$BELAY" bakcup
expect_text "$TMP/stderr" 'did you mean: belay backup'
expect_error 2 'unknown command: rehearse' "$BELAY" rehearse
expect_error 2 'no repository named' env -u BELAY_REPO "$BELAY" gate -d postgres
expect_error 2 'unknown option: --job' "$BELAY" backup -d x --job 3
expect_text "$TMP/stderr" 'did you mean --jobs'
expect_error 2 'unknown option: -y' "$BELAY" backup -y
expect_error 2 'unknown option: --swap: not built yet' "$BELAY" restore a.belay -d x --swap
expect_error 2 'restore needs --create or --in-place' "$BELAY" restore a.belay -d x
expect_error 2 'wrong value for --jobs: none' "$BELAY" backup -d postgres -j none
expect_error 2 'wrong value for --compress: lz4' "$BELAY" backup -d postgres -Z lz4
expect_error 2 'no database named' "$BELAY" backup
expect_error 2 'nowhere to write' env -u BELAY_REPO "$BELAY" backup -d postgres
expect_error 2 'one file cannot hold several' "$BELAY" backup -d postgres -d template1 -f "$TMP/x"
expect_error 2 'verify needs other arguments' "$BELAY" verify
expect_error 2 'no repository named' env -u BELAY_REPO "$BELAY" list
expect_error 2 'no such repository' "$BELAY" list --repo "$TMP/none"
expect_error 2 'what to keep' "$BELAY" prune
expect_error 2 'cannot open: ' "$BELAY" inspect "$TMP/none.belay"

# A repository that may not be read is no internal error. (Root may read everything, but for this.)
closed() {
  if [ "$(id -u)" != 0 ]; then "$@"; return; fi
  setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search -- "$@"
}
mkdir -p "$TMP/closed/app" "$TMP/closed/journal"
for folder in closed closed/app closed/journal; do
  chmod 000 "$TMP/$folder"
  for words in 'list -d app' 'status -d app' 'prune -d app --keep-last 1' 'runs -d postgres'; do
    case $folder-$words in */app-runs* | */journal-list* | */journal-status*) continue ;; esac
    # shellcheck disable=SC2086
    expect_error 3 'Permission denied' closed "$BELAY" $words --repo "$TMP/closed"
  done
  chmod 700 "$TMP/$folder"
done

# A terminal is not a place for an archive.
if command -v script >/dev/null; then
  status=0
  script -qec "'$BELAY' backup -d postgres -f -" /dev/null >"$TMP/terminal" </dev/null || status=$?
  [ "$status" = 2 ] || fail "an archive went to a terminal, exit status $status"
  expect_text "$TMP/terminal" 'not written to a terminal'
fi

# The same as JSON.
expect_exit 2 "$BELAY" backup -d postgres --jobz --json
expect_json "$TMP/stdout" '{error,kind}' usage
expect_json "$TMP/stdout" '{exit_status}' 2
expect_json "$TMP/stdout" '{error,object}' --jobz
[ ! -s "$TMP/stderr" ] || fail 'something on the standard error besides the JSON object'

# -h is the host, and help is data.
expect_error 3 'no-such-host.invalid' "$BELAY" backup -h no-such-host.invalid -d x -w
expect_exit 0 "$BELAY" --help
for verb in backup verify restore schema compare inspect export doctor migrate rollback runs release ready alembic list status prune; do
  expect_text "$TMP/stdout" "  $verb "
done
for verb in backup verify restore schema compare inspect export doctor migrate rollback runs release ready alembic list status prune; do
  expect_exit 0 "$BELAY" "$verb" --help
  expect_text "$TMP/stdout" "usage: belay $verb"
done
expect_exit 0 "$BELAY" --version
grep -Eqx 'belay [0-9]+\.[0-9]+\.[0-9]+' "$TMP/stdout" || fail 'not a version'
# A full standard output is an error, not silence.
if [ -w /dev/full ]; then
  status=0
  "$BELAY" --help >/dev/full 2>"$TMP/stderr" || status=$?
  [ "$status" = 1 ] || fail "help to a full disk: exit status $status"
  status=0
  "$BELAY" doctor -d postgres --json >/dev/full 2>"$TMP/stderr" || status=$?
  [ "$status" = 1 ] || fail "an object to a full disk: exit status $status"
  expect_text "$TMP/stderr" 'cannot write: standard output: No space left'
fi

[ "$(server_state)" = "$before" ] || fail 'something changed on the server'
[ ! -e "$BELAY_REPO" ] || fail 'a repository was made'
