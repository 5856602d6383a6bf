// What belongs to a database and follows its OID, not its name: owner, ACL, connection limit,
// template flag, settings of the database and of roles in it, comment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libcore/pg/connection.h"

namespace belay::restore {

struct DatabaseSettings {
  struct Grant {
    std::string grantor, grantee;  // grantee "": PUBLIC
    std::string privilege;
    bool grantable = false;
    auto operator<=>(const Grant&) const = default;
  };
  struct Setting {
    std::string role;  // "": every role
    std::string name, value;
    auto operator<=>(const Setting&) const = default;
  };
  std::string owner;
  int connection_limit = -1;
  bool is_template = false;
  std::optional<std::string> comment;
  std::vector<Grant> grants;      // sorted
  std::vector<Setting> settings;  // sorted

  bool operator==(const DatabaseSettings&) const = default;
};

// One that both have not alike, for people: "CONNECT for app, granted by admin". Whether they are
// equal, only == tells.
std::string first_difference(const DatabaseSettings& one, const DatabaseSettings& other);

// A parameter's name for SQL; plugin.parameter is two names.
std::string quote_setting(const std::string& name);

// `admin` is a session in another database. Error{internal} if there is no such database.
DatabaseSettings read_settings(pg::Connection& admin, std::uint32_t database_oid);

// Makes the database of that name and OID equal to `wanted`, whatever it had before. Requires: an
// open transaction, in which a failure leaves nothing changed.
void apply_settings(pg::Connection& admin, std::string_view name, std::uint32_t database_oid,
                    const DatabaseSettings& wanted);

}  // namespace belay::restore
