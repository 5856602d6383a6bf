#!/usr/bin/env bash
# What is shipped in packaging/ for containers: the files parse, every command line of belay in them is
# one, and the project that moves to belay does so in ten lines, with a real server and a real Alembic.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"

[ -x /usr/bin/alembic ] || skip 'Alembic is not installed (Debian: alembic python3-psycopg2)'
/usr/bin/python3 -c 'import yaml' 2>/dev/null || skip 'no YAML parser (Debian: python3-yaml)'
packaging=$SOURCE/packaging
read_yaml() { /usr/bin/python3 "$SOURCE/tests/cli/packaging.py" "$@"; }

# As in the image: `python`, `alembic` and `belay` by their names.
mkdir "$TMP/bin"
ln -s /usr/bin/python3 "$TMP/bin/python"
ln -s /usr/bin/alembic "$TMP/bin/alembic"
ln -s "$BELAY" "$TMP/bin/belay"
export PATH=$TMP/bin:$PATH

read_yaml check "$packaging"/compose/*.yaml
read_yaml check "$packaging"/kubernetes/*.yaml

# No server is there, so nothing happens; but what is no option or no value is 2.
read_yaml commands "$packaging"/compose/*.yaml "$packaging"/kubernetes/*.yaml >"$TMP/commands"
[ "$(wc -l <"$TMP/commands")" -ge 8 ] || { cat "$TMP/commands" >&2; fail 'command lines were not found'; }
mkdir "$TMP/empty" "$BELAY_REPO"
while IFS=$'\t' read -r file place words; do
  status=0
  (cd "$TMP/empty" && env PGHOST="$TMP/empty" DATABASE_URL='postgresql:///app' bash -c "$words") >"$TMP/out" 2>&1 </dev/null || status=$?
  case $status in
    0 | 3 | 17) ;;  # nothing to prune; no server; no alembic.ini
    *) cat "$TMP/out" >&2; fail "${file##*/}, $place: exit status $status: $words" ;;
  esac
done <"$TMP/commands"
expect_exit 2 belay backup --no-such-option

# Ten lines of change: added ones and taken ones, comments not counted.
changed() { diff <(grep -v '^#' "$1") <(grep -v '^#' "$2") | sed -n 's/^< /-/p; s/^> /+/p'; }
{
  changed "$packaging/compose/Dockerfile.before" "$packaging/compose/Dockerfile" || true
  changed "$packaging/compose/compose.before.yaml" "$packaging/compose/compose.yaml" || true
} >"$TMP/changed"
[ "$(wc -l <"$TMP/changed")" -le 10 ] || { cat "$TMP/changed" >&2; fail 'more than ten lines of change'; }
# They are what the page says.
sed -n '/```diff/,/```$/{ s/^   \([-+]\)/\1/p }' "$SOURCE/docs/moving-to-belay.md" >"$TMP/page"
diff "$TMP/changed" "$TMP/page" >&2 || fail 'the page shows other lines'

# The project before and after it moved, each on a database of its own.
run_service() {
  local words=()
  mapfile -d '' -t words < <(read_yaml words "$1" "$2")
  [ ${#words[@]} -gt 0 ] || fail "no such service: $2"
  (cd "$TMP/app" && "${words[@]}")
}
cp -r "$packaging/compose" "$TMP/app"
new_database
export DATABASE_URL=postgresql:///$DATABASE
expect_exit 0 run_service "$packaging/compose/compose.before.yaml" db-migration
[ "$(query "$DATABASE" 'select version_num from alembic_version')" = 1a ] || fail 'the project before does not migrate'
new_database
at_exit drop_database "${DATABASE}"
export DATABASE_URL=postgresql:///$DATABASE
expect_exit 0 run_service "$packaging/compose/compose.yaml" db-migration
expect_text "$TMP/stdout" 'base -> 1a'
expect_exit 0 run_service "$packaging/compose/compose.yaml" db-migration
expect_text "$TMP/stdout" 'nothing is pending'
# A bad one keeps the services down, and is taken back.
psql -d "$DATABASE" -c "insert into accounts (name) values ('a')"
cat >"$TMP/app/migrations/versions/2b_bad.py" <<'PY'
from alembic import op
revision = "2b"
down_revision = "1a"
def upgrade():
    op.drop_column("accounts", "name")
PY
expect_exit 33 run_service "$packaging/compose/compose.yaml" db-migration
expect_exit 0 belay rollback -d "$DATABASE"
[ "$(query "$DATABASE" 'select name from accounts')" = a ] || fail 'the rows did not come back'
expect_exit 18 run_service "$packaging/compose/compose.yaml" db-migration
rm "$TMP/app/migrations/versions/2b_bad.py"
query postgres "select datname from pg_database where datname like '$DATABASE\_\_belay\_%'" >"$TMP/made"
while read -r made; do drop_database "$made"; done <"$TMP/made"

# Kubernetes: the init container of each kind, the backup, and what waits for the revisions.
for place in deployment/db-migration job/db-migration ready/ready cronjob/backup cronjob/prune; do
  expect_exit 0 run_service "$packaging/kubernetes/${place%/*}.yaml" "${place#*/}"
done
[ -n "$(find "$BELAY_REPO/$DATABASE" -name '*.receipt.json')" ] || fail 'the backup was not proved'

# The image: what it installs exists, and the program runs where only glibc and /opt/belay are.
"$SOURCE/scripts/setup" --build || fail 'the packages that the image is built from are not here'
cmake --install "$(dirname "$BELAY")" --strip --prefix "$TMP/root/opt/belay" >/dev/null
"$packaging/docker/bundle" "$TMP/root/opt/belay"
ldd "$BELAY" | grep -oE '/[^ ]*/(libc|libm|libresolv|ld-linux[^/ ]*)\.so\.[0-9]+' | while read -r library; do
  install -D "$library" "$TMP/root$library"
done
# A container has /proc, where the loader finds out where the program lies; this root has not. A sanitizer cannot do
# without it, and no image has one.
if [[ $(ldd "$BELAY") == *lib[at]san* ]]; then
  echo "not run in the image's root: a program with a sanitizer, which needs /proc"
  exit
fi
user_namespace=()
[ "$(id -u)" = 0 ] || user_namespace=(-r)
into() { LD_ORIGIN_PATH=/opt/belay/bin unshare "${user_namespace[@]}" --root="$TMP/root" "$@"; }
expect_exit 0 into /opt/belay/bin/belay --version
expect_exit 0 into /opt/belay/bin/dbbackup --help
expect_text "$TMP/stdout" backup
