#!/usr/bin/env bash
# The manual page and the completions are what the option table says, and mandoc likes the page.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"

reference=$(dirname "$BELAY")/belay_reference
[ -x "$reference" ] || fail "not built: $reference"
check() {
  "$reference" "$1" >"$TMP/generated"
  cmp "$TMP/generated" "$SOURCE/$2" || fail "write it anew: build/release/belay_reference $1 > $2"
}
check man man/belay.1
check bash packaging/completions/belay.bash
check zsh packaging/completions/_belay
check fish packaging/completions/belay.fish

bash -n "$SOURCE/packaging/completions/belay.bash"
# shellcheck disable=SC1091
source "$SOURCE/packaging/completions/belay.bash"
complete_words() {
  COMP_WORDS=("$@")
  COMP_CWORD=$(($# - 1))
  _belay
  printf '%s\n' "${COMPREPLY[@]}"
}
[ "$(complete_words belay back)" = backup ] || fail 'bash does not complete a command'
[ "$(complete_words belay backup --exclude-table-)" = --exclude-table-data ] || fail 'bash does not complete an option'
[ "$(complete_words belay backup --verify c)" = compared ] || fail 'bash does not complete a choice'

# Every option of --help is in the page.
for verb in backup verify restore schema compare inspect export doctor migrate gate rollback runs release ready alembic list status prune; do
  "$BELAY" "$verb" --help | grep -oE -- '--[a-z-]+' | sort -u >"$TMP/options"
  while read -r option; do
    # In the page every dash is escaped, and Fl writes the first one.
    grep -qF -- "Fl $(sed 's/-/\\-/g' <<<"${option#-}")" "$SOURCE/man/belay.1" ||
      fail "not in the manual page: $verb $option"
  done <"$TMP/options"
done

command -v mandoc >/dev/null || skip 'there is no mandoc'
# Whether other packages' pages are in this machine's index says nothing about this page.
mandoc -Tlint "$SOURCE/man/belay.1" >"$TMP/lint" 2>&1 || true
! grep -v 'outdated mandoc.db' "$TMP/lint" || fail 'mandoc complains'
