#!/usr/bin/env bash
# docs/runbooks: every command of every page is run, in order, in the situation that the page is for, and
# ends with the exit status that the page says.
# shellcheck source=tests/cli/common.inc
source "$(dirname "$0")/common.inc"
# shellcheck source=tests/cli/belay.inc
source "$(dirname "$0")/belay.inc"
# shellcheck source=tests/cli/alembic.inc
source "$(dirname "$0")/alembic.inc"

mkdir "$TMP/bin"
ln -s /usr/bin/python3 "$TMP/bin/python"
ln -s /usr/bin/alembic "$BELAY" "$PG_BINDIR/psql" "$TMP/bin"
export PATH=$TMP/bin:$PATH

# The project of packaging/compose at 1a, on a database of its own, with rows and last night's backup.
prepared() {
  new_database
  at_exit drop_database "${DATABASE}_failed"
  at_exit drop_database "${DATABASE}_old"
  rm -rf "$PROJECT" "$BELAY_REPO"
  cp -r "$SOURCE/packaging/compose" "$PROJECT"
  export PGDATABASE=$DATABASE DATABASE_URL=postgresql:///
  (cd "$PROJECT" && alembic upgrade head) >"$TMP/log" 2>&1 || { cat "$TMP/log" >&2; fail 'not prepared'; }
  psql -d "$DATABASE" -c "insert into accounts (name) select 'account ' || i from generate_series(1, 20) i"
  "$BELAY" backup -q --verify compared
}
deploy() { (cd "$PROJECT" && "$BELAY" migrate "$@" -- alembic upgrade head); }

deploy_() { revision 2b 1a <<<'op.execute("alter table accounts add mail text")'; }
failed_migration() {
  revision 2b 1a <<'PY'
with op.get_context().autocommit_block():
    op.execute("alter table accounts add half text")
    op.execute("delete from accounts where id < 5")
op.execute("select 1 / 0")
PY
  expect_exit 31 deploy
}
failed_verification() {
  revision 2b 1a <<<'op.execute("alter table accounts drop name")'
  expect_exit 33 deploy --verify-command 'python scripts/verify_schema.py'
}
services_that_do_not_start() { deploy_; }
old_containers() {
  deploy_
  mkfifo "$TMP/held"
  PGAPPNAME=old-app psql -d "$DATABASE" <"$TMP/held" >/dev/null 2>&1 &
  exec 7>"$TMP/held"
  echo 'begin; select count(*) from accounts;' >&7
  wait_for 10 bash -c "[ \"\$(psql -XAtc \"select 1 from pg_stat_activity where application_name = 'old-app' and state = 'idle in transaction'\")\" = 1 ]"
}
old_containers_after() {
  exec 7>&-
  wait
}
manual_rollback() {
  revision 2b 1a <<<'op.execute("update accounts set name = upper(name)")'
  expect_exit 0 deploy
  psql -d "$DATABASE" -c "insert into accounts (name) values ('later')"
}
manual_rollback_after() { [ "$(query "$DATABASE" 'select name from accounts where id = 1')" = 'account 1' ] || fail 'the rows are not those of before'; }
reset_of_the_version() {
  deploy_
  psql -d "$DATABASE" -c "update alembic_version set version_num = 'gone'"
}
restore_of_an_old_sql_gz() {
  local program
  program=$(pg_dump_of_server) || fail 'there is no pg_dump for this server'
  "$program" "$DATABASE" | gzip >"$PROJECT/old.sql.gz"
  psql -d "$DATABASE" -c 'alter table accounts add since text'
}

# commands_of PAGE: the lines of its sh blocks.
commands_of() { sed -n '/^ *```sh$/,/^ *```$/{ /^ *```/d; s/^ *//; p }' "$1"; }
# run_page PAGE: in one shell, so that variables of a line reach the next.
run_page() (
  local line wanted status count=0
  cd "$PROJECT"
  while read -r -u 3 line; do
    wanted=0
    [[ ! $line =~ '# exit status '([0-9]+)$ ]] || wanted=${BASH_REMATCH[1]}
    status=0
    set +e
    eval "$line" >"$TMP/stdout" 2>"$TMP/stderr" </dev/null
    status=$?
    set -e
    [ "$status" = "$wanted" ] || { cat "$TMP/stdout" "$TMP/stderr" >&2; fail "${1##*/}: exit status $status instead of $wanted: $line"; }
    count=$((count + 1))
  done 3< <(commands_of "$1")
  [ $count -gt 2 ] || fail "${1##*/}: no commands"
)

pages=0
for page in "$SOURCE"/docs/runbooks/*.md; do
  name=$(basename "$page" .md)
  # Linked from the first page, and every link leads somewhere.
  while read -r link; do
    [ -e "$SOURCE/docs/runbooks/$link" ] || fail "$name: no such page: $link"
  done < <(grep -oE '\]\([^)]+\)' "$page" | sed 's/^](//; s/)$//')
  [ "$name" != README ] || continue
  grep -qF "($name.md)" "$SOURCE/docs/runbooks/README.md" || fail "$name is not in README.md"
  situation=${name//-/_}
  [ "$situation" != deploy ] || situation=deploy_
  prepared
  "$situation"
  run_page "$page"
  ! declare -F "${situation}_after" >/dev/null || "${situation}_after"
  pages=$((pages + 1))
done
[ $pages = 8 ] || fail "$pages pages instead of 8"
