#!/usr/bin/env bash
# belay as process 1, as in a container without an init: it collects orphans, and takes signals.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"
# shellcheck source=tests/cli/alembic.inc
source "$(dirname "$0")/alembic.inc"

[ "$(id -u)" = 0 ] || skip 'only root can make a process namespace here'
unshare --pid --fork --mount-proc true 2>"$TMP/why" || skip "no process namespace: $(cat "$TMP/why")"
new_database
first() { exec unshare --pid --fork --kill-child --mount-proc "$BELAY" migrate -d "$DATABASE" --keep-copy 0 "$@"; }

# Orphans come to process 1, and none stays a zombie.
cat >"$TMP/orphans" <<'SH'
[ "$(cat /proc/1/comm)" = belay ] || exit 9
for i in 1 2 3 4 5; do (sh -c 'sleep 0.2; exit 3' &); done
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  sleep 0.1
  n=$(cat /proc/[0-9]*/status | grep -c '^State:.*zombie')
  [ $i -lt 4 ] || [ "$n" != 0 ] || exit 0
done
exit 8
SH
expect_exit 0 eval '(first -- sh "$TMP/orphans")'
expect_failure 30 'exit status 7' eval '(first -- sh -c "exit 7")'

# SIGTERM, which the kernel keeps from a process 1 that does not ask for it.
first -- sh -c "touch '$TMP/ready'; sleep 60" >"$TMP/out" 2>"$TMP/err" &
namespace=$!
wait_for 20 test -e "$TMP/ready"
kill -TERM "$(cat "/proc/$namespace/task/$namespace/children")"
status=0
wait "$namespace" || status=$?
[ $status = 34 ] || { cat "$TMP/err" >&2; fail "ended with $status"; }
expect_text "$TMP/err" 'stopped by a signal'
