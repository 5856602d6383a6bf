// A throwaway database for the tests of the catalog layer.
#pragma once

#include <string>

#include "libcore/base/digest.h"
#include "libcore/base/progress.h"
#include "libcore/catalog/reader.h"
#include "libcore/pg/connection.h"
#include "libcore/pg/snapshot.h"

namespace belay::test {

inline pg::Connection connect_to(const std::string& database, const std::string& user = {},
                                 pg::SessionKind kind = pg::SessionKind::admin) {
  pg::ConnectTarget target;
  target.set("dbname", database);
  if (!user.empty()) target.set("user", user);
  pg::ConnectOptions options;
  options.kind = kind;
  pg::Connection connection = pg::Connection::connect(target, options);
  if (kind == pg::SessionKind::admin) connection.run("SET search_path = public");
  return connection;
}

// Created empty from template0, dropped at the end.
class CatalogDatabase {
 public:
  explicit CatalogDatabase(const std::string& options = "ENCODING 'UTF8' LOCALE 'C'")
      : name_("belay_catalog_" + random_hex(6)), admin_(connect_to("postgres")) {
    admin_.run("CREATE DATABASE " + quote_identifier(name_) + " TEMPLATE template0 " + options);
  }
  ~CatalogDatabase() {
    try {
      admin_.run("DROP DATABASE " + quote_identifier(name_) + " WITH (FORCE)");
      for (const std::string& role : roles_) admin_.run("DROP ROLE " + quote_identifier(role));
    } catch (const std::exception&) {  // what is left is thrown away with the cluster
    }
  }
  CatalogDatabase(const CatalogDatabase&) = delete;
  CatalogDatabase& operator=(const CatalogDatabase&) = delete;

  const std::string& name() const { return name_; }
  pg::Connection& admin() { return admin_; }

  // A role for this test, dropped with the database.
  std::string role(const std::string& stem = "role", const std::string& options = "LOGIN") {
    const std::string name = stem + "_" + random_hex(4);
    admin_.run("CREATE ROLE " + quote_identifier(name) + " " + options);
    roles_.push_back(name);
    return name;
  }

  void run(const std::string& sql) { connect_to(name_).run(sql); }

  catalog::Catalog read(catalog::ReadOptions options = {}, const std::string& user = {}) {
    pg::Connection connection = connect_to(name_, user, pg::SessionKind::catalog);
    SilentProgress progress;
    return catalog::read_catalog(connection, options, progress);
  }

 private:
  std::string name_;
  pg::Connection admin_;
  std::vector<std::string> roles_;
};

}  // namespace belay::test
