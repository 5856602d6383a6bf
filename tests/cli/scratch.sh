#!/usr/bin/env bash
# Where a drill restores: a private server of this machine's programs, which is gone afterwards; another
# server; and what a drill that is too large is told.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"

major=$(($(query postgres 'show server_version_num') / 10000))
[ -x "/usr/lib/postgresql/$major/bin/initdb" ] || skip "no programs of PostgreSQL $major are installed"
# Everything private is below $TMPDIR; the account of the server must be able to enter it.
chmod 755 "$TMP"
mkdir -m 777 "$TMP/private"
export TMPDIR=$TMP/private
gone() { [ -z "$(find "$TMPDIR" -mindepth 1)" ] || { find "$TMPDIR" | head >&2; fail 'a private server left something'; }; }
verify() { "$BELAY" verify --level compared --json "$@"; }

# Roles that no private server has, grants, and what reaches outside.
new_role
music_database
psql -d "$DATABASE" >/dev/null <<SQL
alter table studio.songs owner to $ROLE;
grant select on studio.users to $ROLE;
create foreign data wrapper far;
create server away foreign data wrapper far;
create foreign table studio.remote (i int) server away;
SQL
"$BELAY" backup -q -d "$DATABASE" -f "$TMP/music.belay"
# No server is named, and none can be reached.
expect_exit 0 env -u PGHOST -u PGPORT -u PGUSER PGHOST=/nowhere "$BELAY" verify --level compared --json "$TMP/music.belay" --scratch local
expect_json "$TMP/stdout" '{proof,level}' compared
expect_json "$TMP/stdout" '{proof,rows}' 550
expect_json "$TMP/stdout" '{proof,kept_away,0}' '1 foreign tables: not read'
json "$TMP/stdout" '{proof,drill_server}' | grep -qE '^a private server, PostgreSQL '"$major"'\.[0-9]+, run as [a-z]+, with' ||
  fail 'not said where the drill ran'
expect_json "$TMP/music.belay.receipt.json" '{kept_away,0}' '1 foreign tables: not read'
if [ "$(id -u)" = 0 ]; then json "$TMP/stdout" '{proof,drill_server}' | grep -qE 'run as (postgres|nobody),' || fail 'as whom is not said'; fi
gone
# A difference is a difference there, too; damage is damage.
cp "$TMP/music.belay" "$TMP/bad.belay"
printf x | dd of="$TMP/bad.belay" bs=1 seek=$(($(stat -c %s "$TMP/bad.belay") / 2)) conv=notrunc status=none
expect_exit 4 verify "$TMP/bad.belay" --scratch local
gone
expect_error 2 'a copy is kept only' "$BELAY" verify "$TMP/music.belay" --level compared --scratch local --keep-copy 1h --repo "$BELAY_REPO"

# Another server, as -d takes it.
expect_exit 0 verify "$TMP/music.belay" --scratch "host=$PGHOST port=$PGPORT user=$PGUSER dbname=postgres"
expect_json "$TMP/stdout" '{proof,level}' compared
expect_exit 3 verify "$TMP/music.belay" --scratch "host=/nowhere dbname=postgres"

# Killed: the private server goes, too. (An index that takes a minute keeps the drill at work.)
music=$DATABASE
new_database
psql -d "$DATABASE" >/dev/null <<'SQL'
create function slow(i int) returns int language plpgsql immutable as $$
begin
  perform pg_sleep(case current_database() ~ 'belay' when true then 0.5 else 0 end);
  return i;
end $$;
create table t as select i from generate_series(1, 120) i;
create index on t (slow(i));
SQL
"$BELAY" backup -q -d "$DATABASE" -f "$TMP/slow.belay"
DATABASE=$music
"$BELAY" verify --level compared "$TMP/slow.belay" --scratch local >/dev/null 2>&1 &
belay=$!
# (initdb's own server writes that file, too, with a number below zero, and removes it.)
postmaster=0
wait_for 30 eval 'postmaster=$(head -n 1 "$TMPDIR"/belay-drill.*/data/postmaster.pid) && [ "$postmaster" -gt 0 ]'
kill -KILL "$belay" 2>/dev/null || fail 'it was too fast for this test'
wait "$belay" 2>/dev/null || true
wait_for 60 eval "! kill -0 $postmaster"
rm -rf "${TMPDIR:?}"/*
# Told to stop, it stops its server first.
"$BELAY" verify --level compared "$TMP/slow.belay" --scratch local >/dev/null 2>&1 &
belay=$!
wait_for 30 eval 'grep -q . "$TMPDIR"/belay-drill.*/data/postmaster.pid'
kill -TERM "$belay"
wait "$belay" || true
gone

# A drill elsewhere commits nothing on this server: then that nothing was written since is proved, and
# snapshot mode relies on the archive. Somebody else's commit (autovacuum's) may come in between.
proved() {
  rm -rf "${BELAY_REPO:?}"
  "$BELAY" backup -q -d "$DATABASE" --verify compared --scratch local
  "$BELAY" gate --json -d "$DATABASE" >"$TMP/gate"
  [ "$(json "$TMP/gate" '{gate,answer}')" = use ] && [ "$(json "$TMP/gate" '{gate,writes}')" = none-proved ]
}
wait_for 60 proved
gone

rm -rf "${BELAY_REPO:?}"

# Too large for the database's own server: the choices are told, none is taken silently.
expect_exit 17 "$BELAY" migrate -d "$DATABASE" --target-confirmed --drill-max-size 1MB --gate snapshot -- true
expect_text "$TMP/stderr" 'the drill is too large'
expect_text "$TMP/stderr" '--scratch local or --scratch URL drills elsewhere, --gate two-key without a drill'
expect_text "$TMP/stdout" 'the drill needs about'
[ -z "$(find "$BELAY_REPO" -name '*.belay' 2>/dev/null)" ] || fail 'a snapshot was taken all the same'
expect_exit 0 "$BELAY" migrate -d "$DATABASE" --target-confirmed --drill-max-size 1MB --scratch local --json -- true
expect_json "$TMP/stdout" '{archive,level}' compared
expect_json "$TMP/stdout" '{archive,sealed_copy}' ''
gone
