// Functions, procedures and window functions.
#include "libcore/catalog/reading.h"
#include "libcore/catalog/restored_spelling.h"

namespace belay::catalog {

namespace {

Function read_function(const pg::Result& rows, int row) {
  Function function;
  function.address = {class_oid::kProc, rows.oid(row, rows.column("oid"))};
  function.name = {rows.string(row, rows.column("schema")), rows.string(row, rows.column("name"))};
  function.owner = rows.string(row, rows.column("owner"));
  function.kind = letter(rows, row, rows.column("kind"));
  const std::string what = "function " + quote_name_pretty(function.name);
  function.identity_arguments = required(rows, row, rows.column("identity_arguments"), what);
  function.arguments = spelt_as_restored(required(rows, row, rows.column("arguments"), what));
  function.result = rows.string(row, rows.column("result"));
  if (function.kind != 'p' && function.result.empty()) throw ConcurrentChange{what + " is gone"};
  function.language = rows.string(row, rows.column("language"));
  function.volatility = letter(rows, row, rows.column("volatility"));
  function.parallel = letter(rows, row, rows.column("parallel"));
  function.strict = rows.boolean(row, rows.column("strict"));
  function.security_definer = rows.boolean(row, rows.column("security_definer"));
  function.leakproof = rows.boolean(row, rows.column("leakproof"));
  function.cost = rows.string(row, rows.column("cost"));
  function.rows = rows.string(row, rows.column("rows"));
  function.support = rows.string(row, rows.column("support"));
  function.settings = array_elements(rows.text(row, rows.column("settings")));
  function.transform_types = array_elements(rows.text(row, rows.column("transform_types")));
  function.body = rows.string(row, rows.column("body"));
  function.library = rows.string(row, rows.column("library"));
  if (rows.boolean(row, rows.column("has_sql_body"))) {
    function.sql_body = spelt_as_restored(required(rows, row, rows.column("sql_body"), what));
  }
  return function;
}

bool one_of(char letter, std::string_view letters) {
  return letters.find(letter) != std::string_view::npos;
}

}  // namespace

void read_functions(Reading& reading) {
  const pg::Result& rows = reading.result("functions");
  for (int row = 0; row < rows.rows(); ++row) {
    Function function = read_function(rows, row);
    if (!one_of(function.kind, "fpw")) continue;  // unclaimed: the ledger names it
    if (!one_of(function.volatility, "isv") || !one_of(function.parallel, "sru")) {
      reading.refuse("function attribute", quote_name_pretty(function.name),
                     std::string{function.volatility, function.parallel});
    }
    function.calls_itself = function.sql_body && rows.boolean(row, rows.column("calls_itself"));
    reading.claim(function.address, Bucket::emitted);
    reading.catalog.functions.push_back(std::move(function));
  }
}

}  // namespace belay::catalog
