#!/usr/bin/env bash
# Killed with SIGKILL at any moment, a backup never leaves a file under a final name that is not
# complete, and the next one works.
# shellcheck source=tests/cli/proof.inc
source "$(dirname "${BASH_SOURCE[0]}")/proof.inc"
proof 15

music_database
psql -d "$DATABASE" -c "create table noise as select i, md5(i::text) || md5((-i)::text) as text from generate_series(1, 60000) i;
  create index on noise (text)"
gone() { [ ! -e "/proc/$1" ]; }
file=$TMP/out/app.belay
mkdir "$TMP/out"

# Everything under a final name is complete; nothing else looks like an archive.
all_complete() {
  local found listed=0
  while IFS= read -r found; do
    case $found in
      *.belay)
        expect_exit 0 "$BELAY" verify "$found"
        listed=$((listed + 1))
        ;;
      *.receipt.json)
        [ "$(json "$found" '{archive_sha256}')" = "$(sha256sum "${found/.receipt.json/.belay}" | cut -d' ' -f1)" ] ||
          fail "a receipt of other bytes: $found"
        ;;
      *.lock) ;;
      */.*.partial)
        leftovers=$((leftovers + 1))
        # A day later the next backup would remove it.
        old=${found%/*}/.20200102T030405Z-${found##*-}
        [ "$found" = "$old" ] || mv "$found" "$old"
        ;;
      *) fail "an unknown file is left: $found" ;;
    esac
  done < <(find "$BELAY_REPO" -type f)
  if [ -d "$BELAY_REPO" ]; then
    expect_exit 0 "$BELAY" list --json
    [ "$(grep -o '"archive":' "$TMP/stdout" | wc -l)" = $listed ] || fail "list does not show $listed archives"
  fi
}

began=$(now)
expect_exit 0 "$BELAY" backup -d "$DATABASE" -f "$file"
took=$(($(now) - began))
rm -f "$file.receipt.json"
kept=$(sha256sum <"$file")

leftovers=0
killed=0
for ((LOOPS = 0; LOOPS < COUNT; LOOPS++)); do
  random $((took * 11 / 10))
  delay=$(printf '%d.%06d' $((R / 1000000)) $((R % 1000000)))
  where=(--repo "$BELAY_REPO")
  [ $((LOOPS % 2)) = 0 ] || where=(-f "$file")
  # In its own shell, so that this one does not report the kill.
  "$BELAY" backup -d "$DATABASE" "${where[@]}" >"$TMP/stdout" 2>"$TMP/stderr" &
  pid=$!
  disown $pid
  pause "$delay"
  if kill -KILL $pid 2>/dev/null; then killed=$((killed + 1)); fi
  wait_for 10 gone $pid
  if [ $((LOOPS % 2)) = 0 ]; then
    all_complete
  else
    if [ "$(sha256sum <"$file")" != "$kept" ]; then
      expect_exit 0 "$BELAY" verify "$file"
      kept=$(sha256sum <"$file")
    fi
    while IFS= read -r found; do
      case $found in
        "$file" | "$file.receipt.json") ;;
        *.belay) fail "killed after $delay s: a file of a final name appeared: $found" ;;
        */.*.partial) leftovers=$((leftovers + 1)); rm "$found" ;;
        *) fail "an unknown file is left: $found" ;;
      esac
    done < <(find "$TMP/out" -type f)
  fi
done
echo "killed $killed of $COUNT, $leftovers left something under a temporary name"
[ $((killed * 2)) -ge "$COUNT" ] || fail "only $killed kills hit: this proves nothing"

expect_exit 0 "$BELAY" backup -d "$DATABASE" -f "$file"
expect_exit 0 "$BELAY" backup -d "$DATABASE"
all_complete
[ -z "$(find "$BELAY_REPO" -name '*.partial')" ] || fail 'what killed runs left behind is never removed'
expect_exit 0 "$BELAY" verify "$file" --level compared -d "$DATABASE"
