#!/usr/bin/env bash
# Signed receipts: whoever can write into the repository, and has not the key, cannot open the gate.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"

command -v openssl >/dev/null || skip 'there is no openssl to make keys with'
make_key() {
  openssl genpkey -algorithm ed25519 -out "$TMP/$1.pem" 2>/dev/null
  openssl pkey -in "$TMP/$1.pem" -pubout -out "$TMP/$1.pub" 2>/dev/null
}
make_key ours
make_key theirs
new_database
query "$DATABASE" 'create table t as select i from generate_series(1, 10) i' >/dev/null
backup() { "$BELAY" backup -q -d "$DATABASE" --verify compared "$@"; }
# gate STATUS TEXT OPTION...
gate() {
  local status=$1 text=$2
  shift 2
  expect_exit "$status" "$BELAY" gate -d "$DATABASE" --gate require "$@"
  cat "$TMP/stderr" >>"$TMP/stdout"
  expect_text "$TMP/stdout" "$text"
}
newest() { find "$BELAY_REPO" -name "*.$1" | sort | tail -n 1; }
migrate() { "$BELAY" migrate -d "$DATABASE" --target-confirmed "$@" -- true; }

# Not signed: good enough for those who configured no key, and for nobody else.
backup
gate 0 'open: migrate would rely on'
gate 11 'its receipt is not signed' --trusted-key "$TMP/ours.pub"
# Signed afterwards, where the key is; openssl says the same.
"$BELAY" verify -q "$(newest belay)" --level compared -d "$DATABASE" --sign-key "$TMP/ours.pem"
gate 0 'open: migrate would rely on' --trusted-key "$TMP/ours.pub"
gate 0 'open: migrate would rely on' --trusted-key "$TMP/theirs.pub" --trusted-key "$TMP/ours.pub"
gate 11 'not one of a trusted key' --trusted-key "$TMP/theirs.pub"
receipt=$(newest receipt.json)
head -n -3 "$receipt" >"$TMP/signed"
sed -n 's/^  "signature": "\(.*\)",$/\1/p' "$receipt" | python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))' >"$TMP/signature"
openssl pkeyutl -verify -pubin -inkey "$TMP/ours.pub" -rawin -in "$TMP/signed" -sigfile "$TMP/signature" >/dev/null ||
  fail 'openssl does not agree'
# A proof without the key does not take the signature away.
"$BELAY" verify -q "$(newest belay)" --level compared -d "$DATABASE"
gate 0 'open: migrate would rely on' --trusted-key "$TMP/ours.pub"

# Forged: what it says was changed, and its last line made to fit. Then copied to another archive, as it
# is, and with that one's id and size written over it.
cp "$receipt" "$TMP/good"
# fitted FILE: its last line made to fit the lines above.
fitted() {
  head -n -2 "$1" >"$TMP/lines"
  { cat "$TMP/lines"; printf '  "sha256_of_lines_above": "%s"\n}\n' "$(sha256sum <"$TMP/lines" | cut -d' ' -f1)"; } >"$1"
}
sed -i 's/"verified_by": "belay /"verified_by": "belay!/' "$receipt"
fitted "$receipt"
gate 0 'open: migrate would rely on'
gate 11 'not one of a trusted key' --trusted-key "$TMP/ours.pub"
first=$(newest belay)
rm "$receipt"
"$BELAY" backup -q -d "$DATABASE" --verify none
second=$(find "$BELAY_REPO" -name '*.belay' ! -path "$first")
[ -f "$second" ] || fail 'not two archives'
copied=${second%.belay}.receipt.json
cp "$TMP/good" "$copied"
gate 12 'its receipt is of other bytes' --trusted-key "$TMP/ours.pub"
id() { "$BELAY" inspect --json "$1" >"$TMP/inspected"; json "$TMP/inspected" '{archive_id}'; }
sed -i "s/$(id "$first")/$(id "$second")/; s/\"archive_size\": [0-9]*/\"archive_size\": $(stat -c %s "$second")/; s/\"archive_sha256\": \"[0-9a-f]*\"/\"archive_sha256\": \"$(sha256sum <"$second" | cut -d' ' -f1)\"/" "$copied"
fitted "$copied"
gate 0 'open: migrate would rely on'
gate 11 'not one of a trusted key' --trusted-key "$TMP/ours.pub"
expect_exit 11 migrate --gate require --trusted-key "$TMP/ours.pub"
cp "$TMP/good" "$receipt"
rm "$copied"
# Signed by a key that is not trusted: no better.
"$BELAY" verify -q "$second" --level compared -d "$DATABASE" --sign-key "$TMP/theirs.pem"
gate 0 "rely on $first" --trusted-key "$TMP/ours.pub"

# The key: missing, no key, or where whoever it guards against can write.
gate 12 'the key is missing' --trusted-key "$TMP/none.pub"
gate 12 'not a public key' --trusted-key "$TMP/ours.pem"
cp "$TMP/ours.pub" "$TMP/ours.pem" "$BELAY_REPO"
gate 12 'the key lies in the repository' --trusted-key "$BELAY_REPO/ours.pub"
expect_error 2 'the key lies in the repository' "$BELAY" backup -d "$DATABASE" --sign-key "$BELAY_REPO/../repository/ours.pem"
expect_error 2 'the key is missing' "$BELAY" backup -d "$DATABASE" --sign-key "$TMP/none.pem"
expect_error 2 'not a private key' "$BELAY" verify "$first" --sign-key "$TMP/ours.pub"
openssl pkey -in "$TMP/ours.pem" -aes128 -passout pass:x -out "$TMP/locked.pem" 2>/dev/null
expect_error 2 'without a password' "$BELAY" verify "$first" --sign-key "$TMP/locked.pem"

# migrate signs what it takes, and the next run relies on it.
rm -rf "${BELAY_REPO:?}"
expect_exit 0 migrate --sign-key "$TMP/ours.pem"
gate 0 'open: migrate would rely on' --trusted-key "$TMP/ours.pub"
expect_exit 0 migrate --gate require --trusted-key "$TMP/ours.pub"
