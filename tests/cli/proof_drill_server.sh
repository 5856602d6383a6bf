#!/usr/bin/env bash
# A drill on a server that lacks an extension or a role, or whose disk is full: 5, never "damaged". It needs
# a server of its own: a copy of the installation without the extension, and a small tmpfs.
# shellcheck source=tests/cli/proof.inc
source "$(dirname "${BASH_SOURCE[0]}")/proof.inc"
# shellcheck source=tests/cli/alembic.inc
source "$(dirname "${BASH_SOURCE[0]}")/alembic.inc"
proof 1

[ "$(id -u)" = 0 ] || skip 'only root can mount a small tmpfs and copy a server for another account'
# The server finds share/ and lib/ beside its bin/, so a tree of links with one difference will do.
prefix=${PG_BINDIR%/lib/postgresql/*}
version=${PG_BINDIR#"$prefix"/lib/postgresql/}
version=${version%/bin}
[ "$server_major" = "$version" ] && [ -d "$prefix/share/postgresql/$version/extension" ] ||
  skip "there is no installation of PostgreSQL $server_major laid out as Debian does, to make a copy of"
lean=$(mktemp -d /tmp/belay-lean.XXXXXX)
at_exit rm -rf "$lean"
chmod 755 "$lean"
mkdir -p "$lean/lib/postgresql/$version/bin" "$lean/share/postgresql/$version/extension" "$lean/disk"
cp "$PG_BINDIR"/{postgres,initdb,pg_ctl} "$lean/lib/postgresql/$version/bin"
ln -s "$prefix/lib/postgresql/$version/lib" "$lean/lib/postgresql/$version/lib"
for entry in "$prefix/share/postgresql/$version"/*; do
  [ "${entry##*/}" = extension ] || ln -s "$entry" "$lean/share/postgresql/$version/"
done
for entry in "$prefix/share/postgresql/$version/extension"/plpgsql*; do
  ln -s "$entry" "$lean/share/postgresql/$version/extension/"
done
mkdir "$lean/path"
printf '#!/bin/sh\necho %s\n' "$lean/lib/postgresql/$version/bin" >"$lean/path/pg_config"
chmod 755 "$lean/path/pg_config"
PATH=$lean/path:$PATH BELAY_TEST_MAJOR='' "$SOURCE/scripts/testdb" start --dir "$lean/db" || fail 'the lean server does not start'
at_exit "$SOURCE/scripts/testdb" stop --dir "$lean/db"
lean_query() { PGHOST=$lean/db PGPORT=5432 query "$@"; }
lean_state() { lean_query postgres 'select datname from pg_database order by 1'; }
lean_verify() { expect_error "$1" "$2" "$BELAY" verify "$3" --level compared -h "$lean/db" -p 5432 -d postgres; }
# (scripts/testdb adds an extension of its own.)
[ "$(lean_query postgres "select string_agg(name, ' ') from pg_available_extensions where name <> 'belay_test'")" = plpgsql ] ||
  fail 'the lean server is not lean'
before=$(lean_state)

# A control: the server can run a drill.
music_database
expect_exit 0 "$BELAY" backup -d "$DATABASE" -f "$TMP/music.belay"
expect_exit 0 "$BELAY" verify "$TMP/music.belay" --level compared -h "$lean/db" -p 5432 -d postgres

# The extension is missing.
new_database
psql -d "$DATABASE" -c "create extension citext; create table t (a citext); insert into t values ('A')"
expect_exit 0 "$BELAY" backup -d "$DATABASE" -f "$TMP/citext.belay"
expect_exit 0 "$BELAY" verify "$TMP/citext.belay" --level compared -d "$DATABASE"
lean_verify 5 citext "$TMP/citext.belay"
expect_json "$TMP/citext.belay.receipt.json" '{level}' compared
[ "$(lean_state)" = "$before" ] || fail "left behind: $(lean_state)"
# migrate: it cannot be verified there, which is 11 and not "damaged", and nothing was run. The same
# for a role that only the database's own server has.
not_drilled() { # WHAT
  expect_failure 11 "$1" "$BELAY" migrate -d "$DATABASE" --scratch "host=$lean/db port=5432 dbname=postgres" -- touch "$TMP/began"
  expect_text "$TMP/three" 'retry: safe'
  [ ! -e "$TMP/began" ] || fail 'the command began'
  [ "$(lean_state)" = "$before" ] || fail "left behind: $(lean_state)"
}
not_drilled citext
new_role
new_database
query "$DATABASE" "create table t (i int); grant select on t to $ROLE" >/dev/null
not_drilled "the server lacks what the archive needs: role $ROLE"
LOOPS=1

# No space: new databases are made on a disk of 24 MB.
mount -t tmpfs -o size=24m,mode=777 tmpfs "$lean/disk" 2>/dev/null ||
  skip 'mounting a small tmpfs is not allowed here (the rest of this test has passed)'
at_exit umount "$lean/disk"
mkdir "$lean/disk/space"
chown --reference="$lean/db/data" "$lean/disk/space"
lean_query postgres "create tablespace small location '$lean/disk/space'"
lean_query postgres 'alter database template0 set tablespace small'
at_exit "$SOURCE/scripts/testdb" stop --dir "$lean/db"
new_database
psql -d "$DATABASE" -c 'create table big as select i, repeat(md5(i::text), 20) as text from generate_series(1, 50000) i'
expect_exit 0 "$BELAY" backup -d "$DATABASE" -f "$TMP/big.belay"
expect_exit 0 "$BELAY" verify "$TMP/big.belay" --level compared -d "$DATABASE"
lean_verify 5 'No space left' "$TMP/big.belay"
[ "$(lean_state)" = "$before" ] || fail "left behind: $(lean_state)"
expect_exit 0 "$BELAY" verify "$TMP/music.belay" --level compared -h "$lean/db" -p 5432 -d postgres
LOOPS=2
