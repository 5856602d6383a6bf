#include "libcore/pg/conninfo.h"

#include <libpq-fe.h>

#include <memory>

#include "libcore/base/error.h"
#include "libcore/pg/sqlalchemy_url.h"

namespace belay::pg {
namespace {

using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

// libpq's complaint quotes what it could not read, and that may be a piece of a password.
[[noreturn]] void refuse(std::string_view text, const char* complaint) {
  Error error(ErrorKind::usage, "not a connection string that can be read");
  const bool may_show =
      text.find("pass") == std::string_view::npos && text.find('@') == std::string_view::npos;
  std::string cause =
      may_show && complaint ? complaint : "it may hold a password, so it is not shown";
  while (!cause.empty() && cause.back() == '\n') cause.pop_back();
  throw error.cause(cause).next(
      "write a database name, \"host=... dbname=...\" with values that hold spaces in single "
      "quotes, or postgresql://user@host:port/database with special characters as %XX");
}

std::map<std::string, std::string> parse_with_libpq(std::string_view text) {
  char* complaint = nullptr;
  const Options options(PQconninfoParse(std::string(text).c_str(), &complaint), &PQconninfoFree);
  const std::unique_ptr<char, decltype(&PQfreemem)> owned(complaint, &PQfreemem);
  if (!options) refuse(text, complaint);
  std::map<std::string, std::string> keywords;
  for (const PQconninfoOption* option = options.get(); option->keyword; ++option) {
    if (option->val) keywords[option->keyword] = option->val;
  }
  return keywords;
}

// What libpq takes from PG* variables and a default service, as far as it says so.
std::map<std::string, std::string> libpq_defaults() {
  const Options options(PQconndefaults(), &PQconninfoFree);
  std::map<std::string, std::string> values;
  if (!options) return values;
  for (const PQconninfoOption* option = options.get(); option->keyword; ++option) {
    if (option->val) values[option->keyword] = option->val;
  }
  return values;
}

}  // namespace

ConnectTarget ConnectTarget::parse(std::string_view text) {
  ConnectTarget target;
  if (text.find('\0') != std::string_view::npos) {
    throw Error(ErrorKind::usage, "a connection string cannot hold a NUL byte");
  }
  if (is_sqlalchemy_url(text)) {
    SqlalchemyUrl url = parse_sqlalchemy_url(text);
    target.keywords_ = std::move(url.keywords);
    target.warnings_ = std::move(url.warnings);
    return target;
  }
  const bool uri = text.starts_with("postgresql://") || text.starts_with("postgres://");
  if (!uri && text.find("://") != std::string_view::npos && text.find('=') > text.find("://")) {
    throw Error(ErrorKind::usage, "not a PostgreSQL URL")
        .cause("its scheme is \"" + std::string(text.substr(0, text.find("://"))) + "\"")
        .next("write postgresql://user@host:port/database");
  }
  // The same rule as libpq's own, so that a string means here what it means in psql.
  if (uri || text.find('=') != std::string_view::npos) {
    target.keywords_ = parse_with_libpq(text);
  } else if (!text.empty()) {
    target.keywords_["dbname"] = text;
  }
  return target;
}

ConnectTarget& ConnectTarget::set(std::string_view keyword, std::string_view value) {
  if (value.find('\0') != std::string_view::npos) {
    throw Error(ErrorKind::usage, "a connection setting cannot hold a NUL byte").object(keyword);
  }
  // libpq prefers the address, which would send a -h given by hand to the old server.
  if (keyword == "host") keywords_.erase("hostaddr");
  keywords_[std::string(keyword)] = value;
  return *this;
}

const std::string* ConnectTarget::find(std::string_view keyword) const {
  const auto found = keywords_.find(std::string(keyword));
  return found == keywords_.end() ? nullptr : &found->second;
}

ConnectTarget ConnectTarget::with_database(std::string_view name) const {
  ConnectTarget other = *this;
  return std::move(other.set("dbname", name));
}

std::string ConnectTarget::describe() const {
  const std::map<std::string, std::string> defaults = libpq_defaults();
  const std::string* service = find("service");
  const auto value = [&](const std::string& keyword) -> std::string {
    if (const std::string* given = find(keyword); given && !given->empty()) return *given;
    if (service) return "";
    const auto found = defaults.find(keyword);
    return found == defaults.end() ? "" : found->second;
  };
  std::string database = value("dbname");
  if (database.empty() && !service) database = value("user");
  std::string host = value("host");
  if (host.empty()) host = value("hostaddr");
  const std::string port = value("port");

  std::string text = database.empty() ? "the default database" : "database " + database;
  if (!host.empty()) {
    text += " on " + host;
  } else if (!service) {
    text += " on the local socket";
  }
  if (!port.empty()) text += ", port " + port;
  if (service) text += ", service " + *service;
  return text;
}

}  // namespace belay::pg
