// What a person writes after -d, turned into libpq's keywords.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace belay::pg {

// libpq keywords and values. Holds a password if the user wrote one: never log it whole.
class ConnectTarget {
 public:
  ConnectTarget() = default;

  // A database name, a conninfo string ("host=... dbname=..."), a URI (postgresql://), or a
  // SQLAlchemy URL (postgresql+driver://). Driver keys are translated (ssl to sslmode) or dropped;
  // each dropped key is named in warnings(). Throws Error{usage}.
  static ConnectTarget parse(std::string_view text);

  // Keywords given on the command line (-h -p -U) win over what -d says.
  ConnectTarget& set(std::string_view keyword, std::string_view value);
  const std::string* find(std::string_view keyword) const;
  // The same server and role, another database.
  ConnectTarget with_database(std::string_view name) const;

  const std::map<std::string, std::string>& keywords() const { return keywords_; }
  const std::vector<std::string>& warnings() const { return warnings_; }
  // For people: "database app on /run/postgresql, port 5432"; never a password.
  std::string describe() const;

 private:
  std::map<std::string, std::string> keywords_;
  std::vector<std::string> warnings_;
};

}  // namespace belay::pg
