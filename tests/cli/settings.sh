#!/usr/bin/env bash
# The other ways to say something: names of the program, environment, configuration file, cron.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"

music_database
source=$DATABASE
bin=$TMP/bin
mkdir "$bin"
for name in dbbackup dbrestore dbschema_export belay; do ln -s "$BELAY" "$bin/$name"; done

# Names that hand-written scripts used.
expect_exit 0 "$bin/dbbackup" -d "$source" -f "$TMP/a.belay"
expect_text "$TMP/stdout" 'backed up'
at_exit drop_database "${source}_copy"
expect_exit 0 "$bin/dbrestore" "$TMP/a.belay" -d "${source}_copy" --create
expect_exit 0 "$bin/dbschema_export" -d "$source" -s
expect_text "$TMP/stdout" 'CREATE TABLE studio.songs'
expect_error 2 'unknown option: --create' "$bin/dbbackup" --create

# Which database: -d, then PGDATABASE, then DATABASE_URL (SQLAlchemy's form too).
url="postgresql+psycopg://postgres@/$source?host=$PGHOST"
expect_exit 0 env "DATABASE_URL=$url" "$BELAY" schema --json
expect_json "$TMP/stdout" '{source}' "$source"
expect_exit 0 env "DATABASE_URL=$url" PGDATABASE=postgres "$BELAY" schema --json
expect_json "$TMP/stdout" '{source}' postgres
expect_exit 0 env PGDATABASE=postgres "$BELAY" schema -d "$url" --json
expect_json "$TMP/stdout" '{source}' "$source"

# Command line over variable over file; the section of a command over the top of the file.
cat >"$TMP/belay.toml" <<TOML
repo = "$TMP/of_file"
env = "top"

[backup]
dbname = ["$source"]
env = "section"
quiet = true
TOML
export BELAY_CONFIG=$TMP/belay.toml
unset BELAY_REPO
expect_exit 0 "$BELAY" backup
[ ! -s "$TMP/stdout" ] || fail 'quiet in the file has no effect'
expect_exit 0 "$BELAY" list
expect_text "$TMP/stdout" section
expect_exit 0 env BELAY_REPO="$TMP/of_variable" BELAY_ENV=variable "$BELAY" backup
expect_exit 0 "$BELAY" list --repo "$TMP/of_variable"
expect_text "$TMP/stdout" variable
echo 'reop = "x"' >"$TMP/wrong.toml"
expect_error 2 'unknown key in the configuration file' "$BELAY" backup --config "$TMP/wrong.toml"
unset BELAY_CONFIG

# The cron line that is shipped, with the little environment that cron gives.
line=$(grep -E '^[0-9*]' "$SOURCE/packaging/cron/belay" | head -n 1)
expect_text "$SOURCE/README.md" "$line"
command=$(cut -d' ' -f7- <<<"$line")
command=${command//\/var\/backups\/belay/$TMP/cron}
command=${command//-d app/-d $source}
expect_exit 0 env -i PATH="$bin:/usr/bin:/bin" PGHOST="$PGHOST" PGPORT="$PGPORT" PGUSER="$PGUSER" \
  /bin/sh -c "$command"
[ ! -s "$TMP/stdout" ] && [ ! -s "$TMP/stderr" ] || fail 'cron would send mail'
[ "$(find "$TMP/cron/$source" -name '*.belay' | wc -l)" = 1 ] || fail 'cron wrote no archive'
