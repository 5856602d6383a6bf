#!/usr/bin/env bash
# scripts/layers finds each kind of violation; without this test, silence would prove nothing.
# shellcheck source=tests/cli/common.inc
source "$(dirname "${BASH_SOURCE[0]}")/common.inc"

expect_exit 0 "$SOURCE/scripts/layers" "$SOURCE"

# refused FILE LINE TEXT: with LINE in a new FILE of a copy of the sources, TEXT is printed.
refused() {
  rm -rf "$TMP/tree"
  mkdir -p "$TMP/tree/libcore/base"
  echo '#include <string>' >"$TMP/tree/libcore/base/x.h"
  expect_exit 0 "$SOURCE/scripts/layers" "$TMP/tree"
  mkdir -p "$TMP/tree/$(dirname "$1")"
  printf '#pragma once\n%s\n' "$2" >"$TMP/tree/$1"
  expect_exit 1 "$SOURCE/scripts/layers" "$TMP/tree"
  expect_text "$TMP/stdout" "$1"
  expect_text "$TMP/stdout" "$3"
}

refused libcore/base/y.cc '#include "libcore/pg/connection.h"' 'y.cc:2: libcore/base must not include libcore/pg'
refused libcore/archive/y.h '#include "libcore/pg/connection.h"' 'must not include libcore/pg'
refused libcore/archive/y.h '  #  include "libcore/catalog/model.h"' 'must not include libcore/catalog'
refused libcore/pg/y.cc '#include "libdump/plan.h"' 'must not include libdump'
refused libdump/y.cc '#include "librestore/plan.h"' 'must not include librestore'
refused librestore/y.cc '#include "tools/options.h"' 'must not include tools'
refused tools/cmd_backup.cc '#include "tools/cmd_verify.h"' 'must not include another verb'
refused libcore/catalog/y.cc '#include <libpq-fe.h>' 'belongs to libcore/pg'
refused libdump/y.cc '#include <zstd.h>' 'belongs to libcore/archive'
refused tools/y.cc '#include <archive.h>' 'belongs to libcore/archive'
refused tools/y.cc '#include <boost/process.hpp>' 'belongs to libcore/base'
refused libcore/archive/y.cc '#include <openssl/evp.h>' 'belongs to libcore/base'
refused libdump/y.cc '#include <CLI/CLI.hpp>' 'belongs to tools'
refused libcore/pg/y.h '#include <nlohmann/json.hpp>' 'does not belong in the headers'
refused libcore/pg/y.cc '#include "connection.h"' 'not a path from the root'
refused libcore/y.h '' 'no file sits directly in libcore/'
refused libcore/misc/y.h '' 'unknown layer'

# A file of SQL includes nothing, so that it can be pasted: what stands in several of them is the same in all.
sql=$SOURCE/libcore/catalog/sql
script_of() { sed -n '/^WITH script AS/,/^)/{/^)/!p}' "$sql/$1.sql"; }
[ "$(script_of extension_tables | wc -l)" = 11 ] || fail 'what a script of an extension made is told otherwise'
for name in comments hung; do
  diff <(script_of extension_tables) <(script_of $name) || fail "$name: a script of an extension is something else there"
done
[ "$(diff "$sql/constraints.sql" "$sql/constraints.18.sql" | grep '^[<>]')" = '>               OR k.conperiod' ] ||
  fail 'constraints.sql: from 18 on something else differs than conperiod'
