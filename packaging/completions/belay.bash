# Completion of belay for bash; generated from the option table, do not edit.
_belay() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words=
  COMPREPLY=()
  if [ "$COMP_CWORD" = 1 ]; then
    COMPREPLY=($(compgen -W "backup verify restore schema compare inspect doctor migrate rollback runs release alembic list status prune --help --version" -- "$word"))
    return
  fi
  case ${COMP_WORDS[1]}:$before in
    backup:--dbname | backup:-d) return ;;
    verify:--dbname | verify:-d) return ;;
    restore:--dbname | restore:-d) return ;;
    schema:--dbname | schema:-d) return ;;
    doctor:--dbname | doctor:-d) return ;;
    migrate:--dbname | migrate:-d) return ;;
    rollback:--dbname | rollback:-d) return ;;
    runs:--dbname | runs:-d) return ;;
    release:--dbname | release:-d) return ;;
    alembic:--dbname | alembic:-d) return ;;
    list:--dbname | list:-d) return ;;
    status:--dbname | status:-d) return ;;
    prune:--dbname | prune:-d) return ;;
    backup:--host | backup:-h) return ;;
    verify:--host | verify:-h) return ;;
    restore:--host | restore:-h) return ;;
    schema:--host | schema:-h) return ;;
    compare:--host | compare:-h) return ;;
    doctor:--host | doctor:-h) return ;;
    migrate:--host | migrate:-h) return ;;
    rollback:--host | rollback:-h) return ;;
    runs:--host | runs:-h) return ;;
    release:--host | release:-h) return ;;
    alembic:--host | alembic:-h) return ;;
    backup:--port | backup:-p) return ;;
    verify:--port | verify:-p) return ;;
    restore:--port | restore:-p) return ;;
    schema:--port | schema:-p) return ;;
    compare:--port | compare:-p) return ;;
    doctor:--port | doctor:-p) return ;;
    migrate:--port | migrate:-p) return ;;
    rollback:--port | rollback:-p) return ;;
    runs:--port | runs:-p) return ;;
    release:--port | release:-p) return ;;
    alembic:--port | alembic:-p) return ;;
    backup:--username | backup:-U) return ;;
    verify:--username | verify:-U) return ;;
    restore:--username | restore:-U) return ;;
    schema:--username | schema:-U) return ;;
    compare:--username | compare:-U) return ;;
    doctor:--username | doctor:-U) return ;;
    migrate:--username | migrate:-U) return ;;
    rollback:--username | rollback:-U) return ;;
    runs:--username | runs:-U) return ;;
    release:--username | release:-U) return ;;
    alembic:--username | alembic:-U) return ;;
    backup:--wait-for-db) return ;;
    verify:--wait-for-db) return ;;
    restore:--wait-for-db) return ;;
    schema:--wait-for-db) return ;;
    compare:--wait-for-db) return ;;
    doctor:--wait-for-db) return ;;
    migrate:--wait-for-db) return ;;
    rollback:--wait-for-db) return ;;
    runs:--wait-for-db) return ;;
    release:--wait-for-db) return ;;
    alembic:--wait-for-db) return ;;
    backup:--repo) COMPREPLY=($(compgen -d -- "$word")); return ;;
    doctor:--repo) COMPREPLY=($(compgen -d -- "$word")); return ;;
    migrate:--repo) COMPREPLY=($(compgen -d -- "$word")); return ;;
    rollback:--repo) COMPREPLY=($(compgen -d -- "$word")); return ;;
    runs:--repo) COMPREPLY=($(compgen -d -- "$word")); return ;;
    release:--repo) COMPREPLY=($(compgen -d -- "$word")); return ;;
    list:--repo) COMPREPLY=($(compgen -d -- "$word")); return ;;
    status:--repo) COMPREPLY=($(compgen -d -- "$word")); return ;;
    prune:--repo) COMPREPLY=($(compgen -d -- "$word")); return ;;
    backup:--file | backup:-f) COMPREPLY=($(compgen -f -- "$word")); return ;;
    schema:--file | schema:-f) COMPREPLY=($(compgen -f -- "$word")); return ;;
    verify:--level) COMPREPLY=($(compgen -W "readable compared" -- "$word")); return ;;
    status:--level) COMPREPLY=($(compgen -W "readable compared" -- "$word")); return ;;
    backup:--verify) COMPREPLY=($(compgen -W "none readable compared" -- "$word")); return ;;
    backup:--drill-max-size) return ;;
    verify:--drill-max-size) return ;;
    doctor:--drill-max-size) return ;;
    migrate:--drill-max-size) return ;;
    rollback:--drill-max-size) return ;;
    backup:--jobs | backup:-j) return ;;
    verify:--jobs | verify:-j) return ;;
    restore:--jobs | restore:-j) return ;;
    compare:--jobs | compare:-j) return ;;
    migrate:--jobs | migrate:-j) return ;;
    rollback:--jobs | rollback:-j) return ;;
    backup:--format) COMPREPLY=($(compgen -W "auto text binary" -- "$word")); return ;;
    schema:--format) COMPREPLY=($(compgen -W "sql json" -- "$word")); return ;;
    backup:--compress | backup:-Z) return ;;
    backup:--exclude-table-data) return ;;
    backup:--env) return ;;
    migrate:--env) return ;;
    rollback:--env) return ;;
    runs:--env) return ;;
    release:--env) return ;;
    backup:--wait) return ;;
    status:--max-age) return ;;
    migrate:--gate) COMPREPLY=($(compgen -W "snapshot require" -- "$word")); return ;;
    migrate:--archive) return ;;
    migrate:--max-age) return ;;
    migrate:--wait) return ;;
    rollback:--wait) return ;;
    alembic:--wait) return ;;
    migrate:--timeout) return ;;
    migrate:--verify-command) return ;;
    migrate:--alembic-config) COMPREPLY=($(compgen -f -- "$word")); return ;;
    alembic:--alembic-config) COMPREPLY=($(compgen -f -- "$word")); return ;;
    alembic:--version-table) return ;;
    release:--reason) return ;;
    rollback:--run) return ;;
    prune:--keep-last) return ;;
    prune:--keep-within) return ;;
    prune:--keep-hourly) return ;;
    prune:--keep-daily) return ;;
    prune:--keep-weekly) return ;;
    prune:--keep-monthly) return ;;
    prune:--keep-yearly) return ;;
    backup:--config) COMPREPLY=($(compgen -f -- "$word")); return ;;
    verify:--config) COMPREPLY=($(compgen -f -- "$word")); return ;;
    restore:--config) COMPREPLY=($(compgen -f -- "$word")); return ;;
    schema:--config) COMPREPLY=($(compgen -f -- "$word")); return ;;
    compare:--config) COMPREPLY=($(compgen -f -- "$word")); return ;;
    inspect:--config) COMPREPLY=($(compgen -f -- "$word")); return ;;
    doctor:--config) COMPREPLY=($(compgen -f -- "$word")); return ;;
    migrate:--config) COMPREPLY=($(compgen -f -- "$word")); return ;;
    rollback:--config) COMPREPLY=($(compgen -f -- "$word")); return ;;
    runs:--config) COMPREPLY=($(compgen -f -- "$word")); return ;;
    release:--config) COMPREPLY=($(compgen -f -- "$word")); return ;;
    alembic:--config) COMPREPLY=($(compgen -f -- "$word")); return ;;
    list:--config) COMPREPLY=($(compgen -f -- "$word")); return ;;
    status:--config) COMPREPLY=($(compgen -f -- "$word")); return ;;
    prune:--config) COMPREPLY=($(compgen -f -- "$word")); return ;;
  esac
  case ${COMP_WORDS[1]} in
    backup) words="-d --dbname -h --host -p --port -U --username -w --no-password -W --password --wait-for-db --repo -f --file --verify --drill-max-size -j --jobs --format -Z --compress -s --schema-only --exclude-table-data --allow-unknown --env --wait --dry-run --json -q --quiet -v --verbose --config --help" ;;
    verify) words="-d --dbname -h --host -p --port -U --username -w --no-password -W --password --wait-for-db --level --drill-max-size -j --jobs --json -q --quiet -v --verbose --config --help" ;;
    restore) words="-d --dbname -h --host -p --port -U --username -w --no-password -W --password --wait-for-db --create -j --jobs -s --schema-only -O --no-owner -x --no-privileges --json -q --quiet -v --verbose --config --help" ;;
    schema) words="-d --dbname -h --host -p --port -U --username -w --no-password -W --password --wait-for-db -f --file --format -s --schema-only --json -v --verbose --config --help" ;;
    compare) words="-h --host -p --port -U --username -w --no-password -W --password --wait-for-db -j --jobs --json -q --quiet -v --verbose --config --help" ;;
    inspect) words="--json -v --verbose --config --help" ;;
    doctor) words="-d --dbname -h --host -p --port -U --username -w --no-password -W --password --wait-for-db --repo --drill-max-size --json -v --verbose --config --help" ;;
    migrate) words="-d --dbname -h --host -p --port -U --username -w --no-password -W --password --wait-for-db --repo --drill-max-size -j --jobs --env --gate --archive --max-age --wait --timeout --verify-command --alembic-config --target-confirmed --json -q --quiet -v --verbose --config --help" ;;
    rollback) words="-d --dbname -h --host -p --port -U --username -w --no-password -W --password --wait-for-db --repo --drill-max-size -j --jobs --env --wait --run --undo --resume --json -q --quiet -v --verbose --config --help" ;;
    runs) words="-d --dbname -h --host -p --port -U --username -w --no-password -W --password --wait-for-db --repo --env --json -v --verbose --config --help" ;;
    release) words="-d --dbname -h --host -p --port -U --username -w --no-password -W --password --wait-for-db --repo --env --reason --json -v --verbose --config --help" ;;
    alembic) words="-d --dbname -h --host -p --port -U --username -w --no-password -W --password --wait-for-db --wait --alembic-config --version-table --force --dry-run --json -q --quiet -v --verbose --config --help" ;;
    list) words="-d --dbname --repo --json -v --verbose --config --help" ;;
    status) words="-d --dbname --repo --level --max-age --json -q --quiet -v --verbose --config --help" ;;
    prune) words="-d --dbname --repo --keep-last --keep-within --keep-hourly --keep-daily --keep-weekly --keep-monthly --keep-yearly --dry-run --json -q --quiet -v --verbose --config --help" ;;
  esac
  case $word in
    -*) COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
    *) COMPREPLY=($(compgen -f -- "$word")) ;;
  esac
}
complete -o filenames -F _belay belay
