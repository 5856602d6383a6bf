#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/base/error.h"
#include "tools/commands.h"
#include "tools/doctor.h"
#include "tools/target.h"

namespace belay::tools {
namespace {

std::string_view name_of(Finding finding) {
  switch (finding) {
    case Finding::ok:
      return "ok";
    case Finding::warn:
      return "warn";
    case Finding::fail:
      return "fail";
  }
  return "";
}

}  // namespace

int run_doctor(const Command& command, Context& context) {
  DoctorOptions options;
  options.drill_max_size = command.size(Option::drill_max_size);
  if (command.given(Option::repo)) options.repository = command.text(Option::repo);
  pg::ConnectTarget target = database(command, context);
  reach(target, command, context);
  pg::ConnectOptions connect;
  connect.application_name = "belay doctor";
  connect.cancellation = &context.environment.cancellation;
  pg::Connection connection = pg::Connection::connect(target, connect);
  const std::vector<Check> checks = examine(connection, options, context.environment);

  std::size_t failed = 0;
  std::vector<std::vector<std::string>> rows;
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Check& check : checks) {
    failed += check.finding == Finding::fail ? 1 : 0;
    rows.push_back({std::string(name_of(check.finding)), check.name, printable(check.text)});
    if (!check.mend.empty()) rows.push_back({"", "", "  mend: " + printable(check.mend)});
    nlohmann::ordered_json one;
    one["check"] = check.name;
    one["finding"] = name_of(check.finding);
    one["text"] = check.text;
    one["mend"] = check.mend;
    list.push_back(one);
  }
  context.output.table(rows);
  const bool no_rollback = std::any_of(checks.begin(), checks.end(), [](const Check& check) {
    return check.name == "rollback" && check.finding != Finding::ok;
  });
  context.output.line(
      failed == 0
          ? no_rollback ? "nothing would stop a backup or a drill; a rollback would be stopped"
                        : "nothing would stop a backup, a drill or a rollback"
          : fmt::format("{} found", failed == 1 ? "one obstacle was"
                                                : fmt::format("{} obstacles were", failed)));
  nlohmann::ordered_json object;
  object["database"] = connection.database();
  object["checks"] = list;
  const int status = failed == 0 ? 0 : describe(ErrorKind::preflight).exit_status;
  context.output.result(object, status);
  return status;
}

}  // namespace belay::tools
