#include "librestore/made_database.h"

#include <algorithm>
#include <array>
#include <exception>
#include <utility>
#include <vector>

#include "libcore/base/digest.h"
#include "libcore/base/error.h"
#include "libcore/base/name.h"
#include "librestore/embedded_sql.h"
#include "librestore/restore.h"
#include "librestore/target_server.h"

namespace belay::restore {
namespace {

constexpr int kRenameAttempts = 6;
constexpr std::string_view kInfix = "__belay_";
constexpr std::size_t kIdDigits = 8;
constexpr int kLongestOid = 10;

struct PurposeRow {
  std::string_view purpose, title;
};
constexpr std::array kPurposes = {
    PurposeRow{"drill", "drill database"},   PurposeRow{"loading", "loading database"},
    PurposeRow{"sealed", "sealed copy"},     PurposeRow{"failed", "failed database"},
    PurposeRow{"undone", "undone database"},
};

// Takes `prefix` off the front of `text`, if it is there.
bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Takes everything before the next "; ", and that.
std::string_view take_part(std::string_view& text) {
  const std::string_view part = text.substr(0, text.find("; "));
  text.remove_prefix(std::min(part.size() + 2, text.size()));
  return part;
}

std::optional<std::uint32_t> oid_in(std::string_view digits) {
  if (digits.empty() || digits.size() > kLongestOid) return std::nullopt;
  std::uint64_t value = 0;
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  if (value == 0 || value > UINT32_MAX) return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

void create_database(pg::Connection& admin, const std::string& name,
                     const archive::DatabaseProperties& properties, const std::string& tablespace) {
  try {
    admin.query(create_database_statement(name, properties, tablespace, admin.server_major()) +
                " CONNECTION LIMIT " + std::to_string(kUnfinishedLimit));
  } catch (Error& error) {
    error.object("database " + quote_identifier_pretty(name));
    if (error.sqlstate_is("42P04")) {
      error.as(ErrorKind::target_exists).next("choose another name, or drop that database");
    } else if (error.sqlstate_is("42501")) {
      const std::string role = admin.run("SELECT current_user").string(0, 0);
      error.as(ErrorKind::not_permitted)
          .next("ALTER ROLE " + quote_identifier_pretty(role) + " CREATEDB");
    }
    throw;
  }
}

void analyze(const MadeDatabase& scratch, const std::string& sql, Environment& environment) {
  environment.progress.stage("gather statistics", 0, 0);
  pg::ConnectOptions options;
  options.kind = pg::SessionKind::admin;
  options.application_name = "belay drill";
  options.cancellation = &environment.cancellation;
  try {
    pg::Connection::connect(scratch.target(), options).run(sql);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::sql) throw;
    environment.progress.warning(std::string("no statistics for the sealed copy: ") + error.what());
  }
}

}  // namespace

std::string made_name(std::string_view base, std::string_view purpose, std::string_view id) {
  return derived_name(base, std::string(kInfix) + std::string(purpose) + "_" + std::string(id));
}

std::string_view purpose_in(std::string_view name) {
  const std::size_t at = name.rfind(kInfix);
  if (at == std::string_view::npos) return {};
  std::string_view rest = name.substr(at + kInfix.size());
  for (const PurposeRow& row : kPurposes) {
    std::string_view id = rest;
    if (!take(id, row.purpose) || !take(id, "_") || id.size() != kIdDigits) continue;
    if (id.find_first_not_of("0123456789abcdef") == std::string_view::npos) return row.purpose;
  }
  return {};
}

std::string to_comment(const MadeMark& mark) {
  const auto row = std::find_if(kPurposes.begin(), kPurposes.end(),
                                [&](const PurposeRow& one) { return one.purpose == mark.purpose; });
  if (row == kPurposes.end()) throw Error(ErrorKind::internal, "no such purpose");
  std::string text =
      "belay " + std::string(row->title) + "; oid " + std::to_string(mark.oid) + "; " + mark.of;
  if (mark.expires) text += "; expires " + to_iso8601(*mark.expires);
  return text;
}

std::optional<MadeMark> mark_of(std::string_view comment) {
  if (!take(comment, "belay ")) return std::nullopt;
  const std::string_view title = take_part(comment);
  std::string_view oid = take_part(comment);
  MadeMark mark;
  for (const PurposeRow& row : kPurposes) {
    if (row.title == title) mark.purpose = row.purpose;
  }
  const std::optional<std::uint32_t> number = take(oid, "oid ") ? oid_in(oid) : std::nullopt;
  if (mark.purpose.empty() || !number) return std::nullopt;
  mark.oid = *number;
  mark.of = take_part(comment);
  if (take(comment, "expires ")) {
    try {
      mark.expires = from_iso8601(comment);
    } catch (const Error&) {
      return std::nullopt;  // somebody else wrote it
    }
  }
  return mark;
}

// 30 bits of the name's hash and the bit above them: other locks of the class are small numbers or
// negative.
std::int32_t key_of_made(std::string_view name) {
  const std::string hex = sha256(name).hex();
  const auto bits = static_cast<std::uint32_t>(std::stoul(hex.substr(0, 8), nullptr, 16));
  return static_cast<std::int32_t>((bits & 0x3FFFFFFFU) | 0x40000000U);
}

pg::AdvisoryLock lock_made(pg::Connection& admin, std::string_view name, Environment& environment) {
  return {admin,
          key_of_made(name),
          pg::LockMode::exclusive,
          std::chrono::milliseconds(0),
          environment.clock,
          environment.cancellation};
}

Moment server_time(pg::Connection& admin) {
  return from_iso8601(admin.query(sql_for(admin, "server_time")).string(0, 0));
}

std::uint32_t database_oid(pg::Connection& admin, std::string_view name) {
  const pg::Result row =
      admin.query("SELECT oid FROM pg_catalog.pg_database WHERE datname = $1", {std::string(name)});
  return row.rows() == 0 ? 0 : row.oid(0, 0);
}

void drop_database(pg::Connection& admin, const std::string& name) {
  const pg::Result found =
      admin.query("SELECT datistemplate FROM pg_catalog.pg_database WHERE datname = $1", {name});
  if (found.rows() == 0) return;
  const std::string quoted = quote_identifier(name);
  if (found.boolean(0, 0)) admin.query("ALTER DATABASE " + quoted + " IS_TEMPLATE false");
  admin.query("DROP DATABASE IF EXISTS " + quoted + " WITH (FORCE)");
}

bool database_exists(pg::Connection& admin, std::string_view name) {
  return database_oid(admin, name) != 0;
}

MadeDatabase::MadeDatabase(pg::Connection& admin, const pg::ConnectTarget& server,
                           std::string_view base, std::string_view purpose,
                           const archive::Header& header, Environment& environment)
    : admin_(admin),
      server_(server),
      environment_(environment),
      id_(random_hex(kIdDigits / 2)),
      name_(made_name(base, purpose, id_)),
      mark_{std::string(purpose), 0, "archive " + header.archive_id, {}},
      lock_(lock_made(admin, name_, environment)) {}

void MadeDatabase::create(const archive::DatabaseProperties& properties,
                          const std::string& tablespace) {
  environment_.progress.stage("make a database", 0, 0);
  // Cancelled or cut off, the server may have made it all the same; the name is ours alone.
  exists_ = true;
  try {
    create_database(admin_, name_, properties, tablespace);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::target_exists) exists_ = false;
    throw;
  }
  mark_.oid = database_oid(admin_, name_);
  admin_.query("COMMENT ON DATABASE " + quote_identifier(name_) + " IS " +
               quote_literal(to_comment(mark_)));
}

MadeDatabase::~MadeDatabase() { discard(); }

void MadeDatabase::publish(const std::string& final_name,
                           const std::vector<std::string>& statements) {
  std::vector<pg::Statement> batch{{"BEGIN", {}}};
  batch.push_back(
      {"ALTER DATABASE " + quote_identifier(name_) + " RENAME TO " + quote_identifier(final_name),
       {}});
  for (const std::string& sql : statements) batch.push_back({sql, {}});
  batch.push_back({"COMMIT", {}});
  for (int attempt = 1;; ++attempt) {
    try {
      // A pooler keeps the sessions that belay gave back.
      admin_.query(sql_for(admin_, "end_own_sessions"), {std::to_string(mark_.oid)});
      admin_.run_batch(batch);
      break;
    } catch (Error& error) {
      if (admin_.alive() && error.kind() != ErrorKind::cancelled) admin_.run("ROLLBACK");
      // Sessions that were closed may take a while to end; the server itself waits 5 s for them.
      if (error.sqlstate_is("55006") && attempt < kRenameAttempts) continue;
      if (error.sqlstate_is("42P04")) error.as(ErrorKind::target_exists);
      throw error.object("database " + quote_identifier_pretty(final_name));
    }
  }
  exists_ = false;
}

std::string MadeDatabase::discard() noexcept {
  if (!std::exchange(exists_, false)) return std::string(kNothingLeft);
  try {
    try {
      pg::Connection fresh = connect_admin(server_, nullptr);
      drop_database(fresh, name_);
    } catch (const Error&) {
      // Perhaps the server has no place for one more session.
      if (!admin_.alive()) throw;
      drop_database(admin_, name_);
    }
    return std::string(kNothingLeft);
  } catch (const std::exception& error) {
    try {
      return "the database " + quote_identifier_pretty(name_) +
             " could not be dropped and is left behind (" + error.what() + ")";
    } catch (const std::exception&) {
      return "an unfinished database is left behind";
    }
  }
}

SealedCopy seal(MadeDatabase& scratch, pg::Connection& admin, const archive::Header& header,
                std::chrono::milliseconds keep, const std::string& analyze_sql,
                Environment& environment) {
  if (!analyze_sql.empty()) analyze(scratch, analyze_sql, environment);
  environment.progress.stage("seal the copy", 0, 0);
  SealedCopy copy;
  copy.name = made_name(header.source.database, "sealed", scratch.id());
  copy.oid = scratch.oid();
  copy.expires = server_time(admin) + keep;
  const std::string quoted = quote_identifier(copy.name);
  const std::string comment =
      to_comment({"sealed", copy.oid, "archive " + header.archive_id, copy.expires});
  scratch.publish(copy.name, {"ALTER DATABASE " + quoted + " ALLOW_CONNECTIONS false",
                              "ALTER DATABASE " + quoted + " CONNECTION LIMIT -1",
                              "COMMENT ON DATABASE " + quoted + " IS " + quote_literal(comment)});
  const pg::Result row = admin.query(sql_for(admin, "sealed_copy"), {std::to_string(copy.oid)});
  copy.system_identifier = row.string(0, 0);
  copy.row_version = row.string(0, 1);
  return copy;
}

bool owns_database(pg::Connection& admin, std::uint32_t oid) {
  const pg::Result row = admin.query(
      "SELECT pg_catalog.pg_has_role(datdba, 'USAGE') FROM pg_catalog.pg_database WHERE oid = $1",
      {std::to_string(oid)});
  return row.rows() == 1 && row.boolean(0, 0);
}

bool still_sealed(pg::Connection& admin, const SealedCopy& copy) {
  return admin
             .query(sql_for(admin, "still_sealed"),
                    {copy.name, std::to_string(copy.oid), copy.row_version, copy.system_identifier})
             .rows() == 1;
}

}  // namespace belay::restore
