#include "librestore/obstacles.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "libcore/base/error.h"
#include "libcore/base/name.h"
#include "libcore/catalog/reader.h"
#include "librestore/embedded_sql.h"

namespace belay::restore {
namespace {

// What a migration with -j 1 and a command of one session takes at the same time, tried out: of the
// login, and of those in the database. With fewer it stops on the way.
constexpr int kSessionsOfLogin = 5;
constexpr int kSessionsInDatabase = 4;

std::string quoted(const std::string& name) { return quote_identifier_pretty(name); }

class Obstacles {
 public:
  explicit Obstacles(const SwapFacts& facts) : facts_(facts) {}

  std::vector<Obstacle> of_drill(const DrillFacts& drill) {
    if (!facts_.superuser) check_drill(drill);
    return std::move(found_);
  }
  std::vector<Obstacle> all() {
    if (!facts_.superuser) {
      check_login();
      check_owner();
      check_grantors();
      check_settings();
    }
    check_grants();
    check_database();
    check_sessions();
    for (const DatabaseTie& tie : facts_.ties) {
      found_.push_back(obstacle_of(tie, facts_.database));
    }
    std::stable_partition(found_.begin(), found_.end(), [](const auto& o) { return !o.passing; });
    return std::move(found_);
  }

 private:
  void add(std::string what, std::string mend, bool passing = false) {
    found_.push_back({std::move(what), std::move(mend), passing});
  }
  RoleRights rights(const std::string& role) const {
    const auto found = facts_.roles.find(role);
    return found == facts_.roles.end() ? RoleRights{} : found->second;
  }
  std::string as_superuser() const { return "run belay as a superuser"; }
  // Nobody should be given a superuser's rights for this.
  std::string join(const std::string& role) const {
    if (rights(role).superuser) return as_superuser();
    return fmt::format("GRANT {} TO {}", quoted(role), quoted(facts_.login));
  }

  std::string mend_membership(const std::string& role) const;
  void check_login();
  void check_owner();
  void check_grantors();
  void check_grants();
  void check_settings();
  void check_setting(const SwapFacts::SettingRights& setting);
  void check_database();
  void check_sessions();
  void check_drill(const DrillFacts& drill);

  const SwapFacts& facts_;
  std::vector<Obstacle> found_;
  std::set<std::string> closed_roles_;  // whose settings cannot be made at all; each is told once
};

// To have a role's rights, and to give it what one owns.
std::string Obstacles::mend_membership(const std::string& role) const {
  const RoleRights rights = this->rights(role);
  if (rights.superuser) return as_superuser();
  if (facts_.server_major >= 16) return join(role) + " WITH INHERIT TRUE, SET TRUE";
  if (rights.becomes) return fmt::format("ALTER ROLE {} INHERIT", quoted(facts_.login));
  return join(role);
}

void Obstacles::check_login() {
  const std::string role = quoted(facts_.login);
  if (!facts_.creates_databases) {
    add(fmt::format("{} may not create or rename databases", facts_.login),
        fmt::format("ALTER ROLE {} CREATEDB", role));
  }
  if (facts_.login_limit >= 0 && facts_.login_limit < kSessionsOfLogin) {
    add(fmt::format("{} may have only {} connections", facts_.login, facts_.login_limit),
        fmt::format("ALTER ROLE {} CONNECTION LIMIT -1", role));
  }
}

void Obstacles::check_owner() {
  const std::string& owner = facts_.belongings.owner;
  const RoleRights rights = this->rights(owner);
  if (rights.acts && rights.becomes) return;
  const std::string what =
      fmt::format("{} has not the rights of {}, who owns the database", facts_.login, owner);
  if (rights.superuser) {
    add(what, fmt::format("ALTER DATABASE {} OWNER TO {}", quoted(facts_.database),
                          quoted(facts_.login)));
  } else {
    add(what, mend_membership(owner));
  }
}

// Who passed a right on keeps being its grantor; only he can make the grant again.
void Obstacles::check_grantors() {
  std::set<std::string> told;
  for (const DatabaseSettings::Grant& grant : facts_.belongings.grants) {
    if (grant.grantor == facts_.belongings.owner || rights(grant.grantor).becomes) continue;
    if (rights(grant.grantor).superuser) continue;  // not for a superuser either: check_grants()
    if (!told.insert(grant.grantor).second) continue;
    add(fmt::format("privileges on the database were granted by {}, for whom {} may not act",
                    grant.grantor, facts_.login),
        join(grant.grantor));
  }
}

// What a superuser grants is the owner's grant, so that one made before it became one cannot be
// made again.
void Obstacles::check_grants() {
  std::set<std::pair<std::string, std::string>> told;
  for (const DatabaseSettings::Grant& grant : facts_.belongings.grants) {
    if (grant.grantor == facts_.belongings.owner || !rights(grant.grantor).superuser) continue;
    if (!told.emplace(grant.grantor, grant.privilege).second) continue;
    add(fmt::format("{} is a superuser by now, and can no more grant {} as it did before",
                    grant.grantor, grant.privilege),
        // While it is a superuser, the server does not revoke what hangs on its grant option.
        fmt::format("ALTER ROLE {0} NOSUPERUSER; REVOKE GRANT OPTION FOR {1} ON DATABASE {2} FROM "
                    "{0} CASCADE; ALTER ROLE {0} SUPERUSER; then grant anew what is still wanted",
                    quoted(grant.grantor), grant.privilege, quoted(facts_.database)));
  }
}

void Obstacles::check_settings() {
  for (const SwapFacts::SettingRights& setting : facts_.settings) check_setting(setting);
}

// Mirrors apply_settings(): a role's settings are made by the login role where it may, else in
// the name of that role.
void Obstacles::check_setting(const SwapFacts::SettingRights& setting) {
  const bool of_database = setting.role.empty();
  const RoleRights role = rights(setting.role);
  const bool by_login = of_database || role.alters;
  if (!by_login && !role.becomes) {
    if (!closed_roles_.insert(setting.role).second) return;
    add(fmt::format("role {} has settings in the database, which {} may not make", setting.role,
                    facts_.login),
        join(setting.role));
    return;
  }
  if (setting.anybody || (by_login ? setting.login : setting.itself || role.superuser)) return;
  const std::string whose =
      of_database ? "the database" : fmt::format("role {} in the database", setting.role);
  const std::string& maker = by_login ? facts_.login : setting.role;
  add(fmt::format("{} has {}, which {} may not set", whose, setting.name, maker),
      facts_.server_major < 15 ? as_superuser()
                               : fmt::format("GRANT SET ON PARAMETER {} TO {}",
                                             quote_setting(setting.name), quoted(maker)));
}

void Obstacles::check_database() {
  const std::string database = quoted(facts_.database);
  if (facts_.is_maintenance) {
    add(fmt::format("{} is the maintenance database, which belay works from", facts_.database),
        "keep the data in a database of another name");
  }
  // An archive names any other tablespace than pg_default, and a restore puts the database there.
  if (facts_.tablespace == "pg_default" && facts_.new_tablespace != facts_.tablespace) {
    add(fmt::format("the database is in tablespace {}; a restored one would be in {}",
                    facts_.tablespace, facts_.new_tablespace),
        fmt::format("ALTER DATABASE {} SET TABLESPACE {}", database,
                    quoted(facts_.new_tablespace)));
  }
  const int limit = facts_.belongings.connection_limit;
  if (!facts_.superuser && limit >= 0 && limit < kSessionsInDatabase) {
    add(fmt::format("the database takes only {} connections", limit),
        fmt::format("ALTER DATABASE {} CONNECTION LIMIT -1", database));
  }
}

void Obstacles::check_sessions() {
  if (facts_.superuser) return;
  const bool signals = rights("pg_signal_backend").acts;
  for (const auto& [role, count] : facts_.sessions) {
    const RoleRights owner = rights(role);
    const std::string what = fmt::format("{} may not end {} of role {} in the database",
                                         facts_.login, count == 1 ? "a session" : "sessions", role);
    if (owner.superuser) {
      add(what, "let it be ended before a rollback", true);
    } else if (!owner.acts && !signals) {
      add(what, fmt::format("GRANT pg_signal_backend TO {}", quoted(facts_.login)));
    }
  }
}

void Obstacles::check_drill(const DrillFacts& drill) {
  for (const std::string& role : drill.object_roles) {
    const RoleRights rights = this->rights(role);
    // Its members are decided per database: in the new one the login role is among them.
    if (role == "pg_database_owner" || (rights.acts && rights.becomes)) continue;
    add(fmt::format("objects in the database belong to {}, or were granted by it; {} has not its "
                    "rights",
                    role, facts_.login),
        mend_membership(role));
  }
  for (const std::string& name : drill.superuser_objects) {
    add(fmt::format("only a superuser can make {}", name), as_superuser());
  }
  for (const std::string& name : drill.closed_tablespaces) {
    add(fmt::format("{} may not create in tablespace {}, which a copy needs", facts_.login, name),
        fmt::format("GRANT CREATE ON TABLESPACE {} TO {}", quoted(name), quoted(facts_.login)));
  }
}

}  // namespace

SwapFacts read_swap_facts(pg::Connection& admin, std::uint32_t database_oid) {
  const std::string oid = std::to_string(database_oid);
  const pg::Result row = admin.query(sql_for(admin, "swap_facts"), {oid});
  if (row.rows() != 1) throw Error(ErrorKind::internal, "no such database").object(oid);
  const auto column = [&](const char* name) { return row.column(name); };
  SwapFacts facts;
  facts.server_major = admin.server_major();
  facts.login = row.string(0, column("login"));
  facts.superuser = row.boolean(0, column("superuser"));
  facts.creates_databases = row.boolean(0, column("creates_databases")) || facts.superuser;
  facts.login_limit = static_cast<int>(row.integer(0, column("login_limit")));
  facts.database = row.string(0, column("database"));
  facts.is_maintenance = row.boolean(0, column("is_maintenance"));
  facts.tablespace = row.string(0, column("tablespace"));
  facts.new_tablespace = row.string(0, column("new_tablespace"));
  facts.belongings = read_settings(admin, database_oid);
  facts.roles = read_role_rights(admin);
  const pg::Result settings = admin.query(sql_for(admin, "setting_rights"), {oid});
  for (int i = 0; i < settings.rows(); ++i) {
    facts.settings.push_back({settings.string(i, 0), settings.string(i, 1), settings.boolean(i, 2),
                              settings.boolean(i, 3), settings.boolean(i, 4)});
  }
  facts.ties = read_ties(admin, database_oid);
  const pg::Result sessions = admin.query(sql_for(admin, "database_sessions"), {oid});
  for (int i = 0; i < sessions.rows(); ++i) {
    facts.sessions.emplace(sessions.string(i, 0), sessions.integer(i, 1));
  }
  return facts;
}

bool owns(const SwapFacts& facts) {
  const auto owner = facts.roles.find(facts.belongings.owner);
  return owner != facts.roles.end() && owner->second.acts;
}

std::vector<DatabaseTie> read_ties(pg::Connection& admin, std::uint32_t database_oid) {
  const pg::Result rows =
      admin.query(sql_for(admin, "database_ties"), {std::to_string(database_oid)});
  std::vector<DatabaseTie> ties;
  for (int i = 0; i < rows.rows(); ++i) ties.push_back({rows.string(i, 0), rows.string(i, 1)});
  return ties;
}

Obstacle obstacle_of(const DatabaseTie& tie, const std::string& database) {
  Obstacle obstacle;
  if (tie.kind == "prepared transaction") {
    obstacle.what = fmt::format("prepared transaction {} holds the database", tie.name);
    obstacle.mend = fmt::format("in {}: ROLLBACK PREPARED {}, or COMMIT PREPARED", database,
                                quote_literal(tie.name));
    obstacle.passing = true;
    return obstacle;
  }
  obstacle.what = fmt::format("{} {} would stay with the old database", tie.kind, tie.name);
  if (tie.kind == "logical replication slot") {
    obstacle.mend = fmt::format("SELECT pg_drop_replication_slot({})", quote_literal(tie.name));
  } else if (tie.kind == "subscription") {
    obstacle.mend = fmt::format("in {}: DROP SUBSCRIPTION {}", database, quoted(tie.name));
  } else {
    obstacle.mend = fmt::format("SECURITY LABEL FOR {} ON DATABASE {} IS NULL", quoted(tie.name),
                                quoted(database));
  }
  return obstacle;
}

DrillFacts read_drill_facts(pg::Connection& live) {
  const auto names = [&](std::string_view sql) {
    const pg::Result rows = live.query(sql_for(live, sql));
    std::vector<std::string> found;
    for (int i = 0; i < rows.rows(); ++i) found.push_back(rows.string(i, 0));
    return found;
  };
  DrillFacts facts{names("object_roles"), names("superuser_objects"), names("closed_tablespaces")};
  for (const std::string& target : catalog::changed_superuser_objects(live)) {
    facts.superuser_objects.push_back("the privileges on " + target);
  }
  return facts;
}

std::vector<Obstacle> drill_obstacles(const DrillFacts& facts, const SwapFacts& login) {
  return Obstacles(login).of_drill(facts);
}

std::vector<Obstacle> obstacles(const SwapFacts& facts) { return Obstacles(facts).all(); }

}  // namespace belay::restore
