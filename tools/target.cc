#include "tools/target.h"

#include <utility>

#include <fmt/format.h>

#include "libcore/base/error.h"
#include "libcore/pg/pooler.h"
#include "tools/process.h"

namespace belay::tools {
namespace {

bool is_set(const Variables& variables, const char* name) {
  const std::optional<std::string> value = variables(name);
  return value && !value->empty();
}

// What the environment says; libpq itself reads PGDATABASE and PGSERVICE.
std::optional<pg::ConnectTarget> from_environment(const Command& command, Context& context) {
  if (is_set(context.variables, "PGDATABASE") || is_set(context.variables, "PGSERVICE")) {
    return named("", command, context);
  }
  if (is_set(context.variables, "DATABASE_URL")) {
    try {
      return named(*context.variables("DATABASE_URL"), command, context);
    } catch (Error& error) {
      throw error.object("DATABASE_URL");
    }
  }
  return std::nullopt;
}

Error no_database() {
  Error error(ErrorKind::usage, "no database named");
  return error.next("give -d DB, or set PGDATABASE or DATABASE_URL");
}

pg::ConnectOptions connect_options(const Command& command, Context& context) {
  pg::ConnectOptions options;
  options.wait = command.duration(Option::wait_for_db);
  options.cancellation = &context.environment.cancellation;
  return options;
}

void ask(pg::ConnectTarget& target, const Cancellation& cancellation) {
  const std::optional<std::string> password =
      Process::ask_password(fmt::format("Password for {}: ", target.describe()), cancellation);
  if (!password) {
    throw Error(ErrorKind::unreachable, "a password is needed, and there is no terminal to ask on")
        .object(target.describe())
        .next("put it into ~/.pgpass, or set PGPASSWORD");
  }
  target.set("password", *password);
}

// DATABASE_URL's, where it means the same server and role: a container often has the password
// nowhere else, and what belay names to be typed holds none.
std::optional<std::string> password_in_url(const pg::ConnectTarget& target,
                                           const Variables& variables) {
  pg::ConnectTarget url;
  try {
    url = pg::ConnectTarget::parse(variables("DATABASE_URL").value_or(""));
  } catch (const Error&) {
    return std::nullopt;
  }
  const auto value = [&](const pg::ConnectTarget& of, const char* keyword, const char* variable) {
    const std::string* found = of.find(keyword);
    return found ? *found : variables(variable).value_or("");
  };
  for (const auto& [keyword, variable] :
       {std::pair{"host", "PGHOST"}, {"port", "PGPORT"}, {"user", "PGUSER"}}) {
    if (value(target, keyword, variable) != value(url, keyword, variable)) return std::nullopt;
  }
  const std::string* password = url.find("password");
  return password ? std::optional(*password) : std::nullopt;
}

}  // namespace

pg::ConnectTarget named(std::string_view text, const Command& command, Context& context) {
  pg::ConnectTarget target = text.empty() ? pg::ConnectTarget() : pg::ConnectTarget::parse(text);
  for (const std::string& warning : target.warnings()) context.output.warning(warning);
  if (command.given(Option::host)) target.set("host", command.text(Option::host));
  if (command.given(Option::port)) target.set("port", command.text(Option::port));
  if (command.given(Option::username)) target.set("user", command.text(Option::username));
  return target;
}

std::vector<pg::ConnectTarget> databases(const Command& command, Context& context) {
  std::vector<pg::ConnectTarget> targets;
  for (const std::string& text : command.texts(Option::dbname)) {
    if (text.empty()) throw no_database();
    targets.push_back(named(text, command, context));
  }
  if (!targets.empty()) return targets;
  const std::optional<pg::ConnectTarget> target = from_environment(command, context);
  if (!target) throw no_database();
  return {*target};
}

pg::ConnectTarget database(const Command& command, Context& context) {
  const std::string text = command.text(Option::dbname);  // refuses several
  if (!text.empty()) return named(text, command, context);
  return databases(command, context).front();
}

pg::ConnectTarget server(const Command& command, Context& context) {
  if (command.given(Option::dbname)) return database(command, context);
  const std::optional<pg::ConnectTarget> target = from_environment(command, context);
  return target ? *target : named("", command, context).with_database("postgres");
}

pg::Connection open_session(pg::ConnectTarget& target, const Command& command, Context& context,
                            pg::SessionKind kind) {
  pg::ConnectOptions options = connect_options(command, context);
  options.kind = kind;
  const bool silent = command.on(Option::no_password);
  if (command.on(Option::password) && !silent) ask(target, context.environment.cancellation);
  try {
    return pg::Connection::connect(target, options);
  } catch (const Error& error) {
    // libpq's own words where the server asks and nothing is known.
    const bool wanted = error.cause().find("no password supplied") != std::string::npos;
    const std::optional<std::string> known =
        wanted ? password_in_url(target, context.variables) : std::nullopt;
    if (known) {
      target.set("password", *known);
      return pg::Connection::connect(target, options);
    }
    if (!wanted || silent || !Process::stderr_is_terminal()) throw;
  }
  ask(target, context.environment.cancellation);
  return pg::Connection::connect(target, options);
}

Reached reach(pg::ConnectTarget& target, const Command& command, Context& context) {
  pg::Connection connection = open_session(target, command, context, pg::SessionKind::catalog);
  pg::refuse_transaction_pooling(connection, &context.environment.cancellation);
  return {connection.database(), connection.user(), connection.server_version()};
}

std::string name_in(const pg::ConnectTarget& target, const Variables& variables) {
  if (const std::string* name = target.find("dbname")) return *name;
  if (target.find("service") != nullptr || is_set(variables, "PGSERVICE")) return "";
  return variables("PGDATABASE").value_or("");
}

}  // namespace belay::tools
