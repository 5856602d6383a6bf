#!/usr/bin/env bash
# Random schemas with hostile names, made in random orders with a history: what belay writes of a schema makes a
# schema of which it writes the same, byte for byte; so does an archive; and pg_dump sees no difference.
# shellcheck source=tests/cli/proof.inc
source "$(dirname "${BASH_SOURCE[0]}")/proof.inc"
proof 20
roles=()
for _ in 1 2 3; do
  new_role
  roles+=("$ROLE")
done
# What the server writes of an original and otherwise of its copy, as libcore/catalog/restored_spelling.h tells.
settled() {
  sed -E "s/\(ARRAY\[('one'::character varying), ('two'::character varying)\]\)::text\[\]/ARRAY[(\1)::text, (\2)::text]/
    s/( SELECT ('x'|NULL)::text) AS text$/\1/; s/( SELECT '-1'::integer) AS int4$/\1/; s/\(VALUES \(1\)/( VALUES (1)/"
}
# Never in a script that psql reads: these two follow search_path and settings of their own.
text_of() { # DATABASE FILE
  "$BELAY" schema -d "$1" -f "$TMP/$2.sql"
  if [ -n "$ORACLE" ]; then "$ORACLE" --schema-only --restrict-key=belay "$1" | settled >"$TMP/$2.pg_dump"; fi
}
same() { # FILE FILE
  diff -u "$TMP/$1.sql" "$TMP/$2.sql" | head -n 60 >&2 || fail "seed $seed: belay writes another schema of its copy"
  [ -z "$ORACLE" ] || diff -u "$TMP/$1.pg_dump" "$TMP/$2.pg_dump" | head -n 60 >&2 || fail "seed $seed: pg_dump sees another schema"
}
for ((LOOPS = 0; LOOPS < COUNT; LOOPS++)); do
  random 1000000000
  seed=${PROOF_SCHEMA:-$R} # one of them again: PROOF_COUNT=1 PROOF_SCHEMA=...
  echo "PROOF_SCHEMA=$seed"
  python3 "$SOURCE/tests/support/random_schema.py" "$seed" "$server_major" "${roles[@]}" >"$TMP/made.sql"
  new_database "template template0 encoding 'UTF8'"
  original=$DATABASE
  psql -d "$original" -f "$TMP/made.sql" 2>"$TMP/stderr" || { head -n 3 "$TMP/stderr" >&2; fail "seed $seed: not made"; }
  text_of "$original" original
  if ((LOOPS % 2)); then
    new_database "template template0 encoding 'UTF8'"
    copy=$DATABASE
    psql -d "$copy" -f "$TMP/original.sql" >/dev/null 2>"$TMP/stderr" ||
      { head -n 3 "$TMP/stderr" >&2; fail "seed $seed: what belay wrote makes nothing"; }
  else
    copy=${original}_copy
    at_exit drop_database "$copy"
    expect_exit 0 "$BELAY" backup -d "$original" -s -f "$TMP/a.belay" --verify none
    expect_exit 0 "$BELAY" restore "$TMP/a.belay" -d "$copy" --create
  fi
  text_of "$copy" copy
  same original copy
  drop_database "$copy"
  drop_database "$original"
done
