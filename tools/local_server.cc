#include "tools/local_server.h"

#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>
#include <system_error>

#include <fmt/format.h>

#include "libcore/base/error.h"
#include "libcore/base/name.h"
#include "libcore/pg/connection.h"
#include "libcore/pg/maintenance.h"
#include "librestore/tablespaces.h"
#include "tools/units.h"

namespace belay::tools {
namespace {

using namespace std::chrono_literals;

constexpr auto kStartPatience = 60s;
constexpr auto kPoll = 50ms;
constexpr std::uint64_t kClusterBytes = 64u << 20;  // what initdb makes
// Tables, and about as much again for indexes and WAL; a drill moved 40 MB of rows in a second on a
// machine with two cores.
constexpr std::uint64_t kRoomFactor = 2;
constexpr double kRowsPerSecond = 40e6;

// "postgres (PostgreSQL) 15.18 (Debian ...)": the major; 0 if it is something else.
int major_of(std::string_view version) {
  constexpr std::string_view kBegin = "postgres (PostgreSQL) ";
  if (!version.starts_with(kBegin)) return 0;
  int major = 0;
  for (const char digit : version.substr(kBegin.size())) {
    if (digit < '0' || digit > '9') break;
    major = major * 10 + (digit - '0');
  }
  return major;
}

std::string output_of(std::vector<std::string> argv, ChildProcesses& processes) {
  ChildCommand command;
  command.argv = std::move(argv);
  command.out.to = ChildOutput::To::captured;
  command.err.to = ChildOutput::To::discarded;
  try {
    const std::unique_ptr<Child> child = processes.start(command);
    const std::optional<ChildExit> end = child->wait(10s);
    return end && end->success() ? child->captured_out().bytes : "";
  } catch (const Error&) {
    return "";  // there is no such program
  }
}

std::vector<Path> places(int major) {
  std::vector<Path> found{fmt::format("/usr/lib/postgresql/{}/bin", major),
                          fmt::format("/usr/pgsql-{}/bin", major)};
  const char* path = ::getenv("PATH");
  std::string_view rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const std::size_t colon = rest.find(':');
    if (colon != 0) found.emplace_back(rest.substr(0, colon));
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
  }
  return found;
}

Path find_programs(int major, ChildProcesses& processes, const FileSystem& files) {
  for (const Path& place : places(major)) {
    if (files.status(place / "initdb").type != FileStatus::Type::regular) continue;
    const std::string version = output_of({(place / "postgres").native(), "--version"}, processes);
    if (major_of(version) == major) return place;
  }
  throw Error(ErrorKind::could_not_run, "there is no PostgreSQL here to make a private server of")
      .cause(fmt::format("initdb and postgres of major {} are needed, the archive's", major))
      .next(fmt::format("install postgresql-{}, or name a server with --scratch URL", major));
}

std::uint64_t row_bytes_of(const archive::Contents& contents) {
  std::uint64_t bytes = 0;
  for (const archive::DataItem& item : contents.items) bytes += item.estimated_bytes;
  return bytes;
}

// Only a superuser can own these.
bool needs_superuser(const archive::Entry& entry) {
  return entry.kind == "event trigger" || entry.kind == "foreign-data wrapper";
}

}  // namespace

std::uint64_t drill_room(std::uint64_t row_bytes) { return kRoomFactor * row_bytes; }

std::string drill_estimate(std::uint64_t row_bytes) {
  return fmt::format("about {} of space and {} of time", human_bytes(drill_room(row_bytes)),
                     human_seconds(static_cast<double>(row_bytes) / kRowsPerSecond + 1));
}

LocalServer::LocalServer(const archive::ArchiveFile& archive, std::uint64_t archive_bytes,
                         ChildProcesses& processes, Environment& environment)
    : processes_(processes), environment_(environment) {
  const int major = archive.header().source.server_major();
  programs_ = find_programs(major, processes, environment.files);
  std::error_code error;
  const Path above = std::filesystem::temp_directory_path(error);
  if (error) throw Error(ErrorKind::could_not_run, "there is no directory for a private server");
  const std::uint64_t rows = std::max(row_bytes_of(archive.contents()), archive_bytes);
  const std::uint64_t room = drill_room(rows) + kClusterBytes;
  const std::uint64_t free = environment.files.free_space(above);
  if (free < room) {
    throw Error(ErrorKind::could_not_run, "there is not enough space for a private server")
        .object(above.native())
        .cause(fmt::format("{} are free, {} may be needed", human_bytes(free), human_bytes(room)))
        .next("set TMPDIR to where there is more, or name a server with --scratch URL");
  }
  if (::geteuid() == 0) {
    const passwd* account = ::getpwnam("postgres");
    if (account == nullptr) account = ::getpwnam("nobody");
    if (account == nullptr) fail("nobody can run a private server", "PostgreSQL refuses root");
    account_ = account->pw_name;
    account_uid_ = account->pw_uid;
    account_gid_ = account->pw_gid;
  }
  std::string name = (above / "belay-drill.XXXXXX").native();
  if (::mkdtemp(name.data()) == nullptr) {
    fail("cannot make a directory for a private server", std::generic_category().message(errno));
  }
  directory_ = name;
  try {
    give_to_account(directory_);
    initialize(major);
    start();
    make_roles(archive.contents());
    make_tablespaces(archive.contents());
  } catch (...) {
    postmaster_.reset();
    std::filesystem::remove_all(directory_, error);
    throw;
  }
}

LocalServer::~LocalServer() {
  if (postmaster_) {
    postmaster_->signal(SIGINT);  // fast: sessions are ended
    static_cast<void>(postmaster_->wait(30s));
    postmaster_.reset();
  }
  std::error_code error;
  std::filesystem::remove_all(directory_, error);
}

void LocalServer::give_to_account(const Path& directory) const {
  if (account_.empty() || ::chown(directory.c_str(), account_uid_, account_gid_) == 0) return;
  fail("cannot give a directory to " + account_, std::generic_category().message(errno));
}

void LocalServer::fail(std::string_view what, std::string_view cause) const {
  throw Error(ErrorKind::could_not_run, std::string(what))
      .object(directory_.native())
      .cause(cause)
      .next("name a server with --scratch URL");
}

// The words that make a program run as the account. A change of account or rights takes away the
// signal that comes when this process is killed, so it is asked for again.
std::vector<std::string> LocalServer::as_account(bool long_lived) const {
  std::vector<std::string> words;
  if (long_lived && without_network_) {
    words = {"unshare", "--net"};
    if (account_.empty()) words.emplace_back("--user");
    words.emplace_back("--");
    if (account_.empty()) words.insert(words.end(), {"setpriv", "--pdeathsig=TERM", "--"});
  }
  if (!account_.empty()) {
    words.insert(words.end(), {"setpriv", fmt::format("--reuid={}", account_uid_),
                               fmt::format("--regid={}", account_gid_), "--clear-groups"});
    if (long_lived) words.emplace_back("--pdeathsig=TERM");
    words.emplace_back("--");
  }
  return words;
}

void LocalServer::run(const std::vector<std::string>& argv, std::string_view what) {
  ChildCommand command;
  command.argv = as_account(false);
  command.argv.insert(command.argv.end(), argv.begin(), argv.end());
  command.directory = directory_;
  command.environment["LC_ALL"] = "C.UTF-8";
  command.out.to = ChildOutput::To::discarded;
  command.err.to = ChildOutput::To::captured;
  const std::unique_ptr<Child> child = processes_.start(command);
  const ChildEnd end = wait_or_stop(*child, environment_.cancellation, std::nullopt);
  environment_.cancellation.check();
  if (!end.exit.success()) fail(what, printable(child->captured_err().bytes));
}

void LocalServer::initialize(int major) {
  environment_.progress.stage(fmt::format("make a private server of PostgreSQL {}", major), 0, 0);
  run({(programs_ / "initdb").native(), "-D", (directory_ / "data").native(), "-U", "postgres",
       "-A", "trust", "-E", "UTF8", "--no-sync"},
      "initdb failed");
}

void LocalServer::start() {
  // What has no network cannot reach the servers that foreign tables and dblink name.
  const std::vector<std::string> probe =
      account_.empty() ? std::vector<std::string>{"unshare", "--net", "--user", "echo", "yes"}
                       : std::vector<std::string>{"unshare", "--net", "echo", "yes"};
  without_network_ = output_of(probe, processes_) == "yes\n";
  ChildCommand command;
  command.argv = as_account(true);
  for (const std::string& word :
       {(programs_ / "postgres").native(), std::string("-D"), (directory_ / "data").native()}) {
    command.argv.push_back(word);
  }
  for (const std::string& setting :
       {std::string("listen_addresses="), "unix_socket_directories=" + directory_.native(),
        std::string("unix_socket_permissions=0700"), std::string("fsync=off"),
        std::string("full_page_writes=off"), std::string("synchronous_commit=off"),
        std::string("wal_level=minimal"), std::string("max_wal_senders=0"),
        std::string("max_wal_size=256MB"), std::string("autovacuum=off"),
        std::string("shared_preload_libraries=")}) {
    command.argv.emplace_back("-c");
    command.argv.push_back(setting);
  }
  command.directory = directory_;
  command.environment["LC_ALL"] = "C.UTF-8";
  command.out.to = command.err.to = ChildOutput::To::captured;
  postmaster_ = processes_.start(command);
  target_ = pg::ConnectTarget();
  target_.set("host", directory_.native()).set("port", "5432").set("user", "postgres");
  target_.set("dbname", "postgres").set("password", "").set("sslmode", "disable");
  const auto deadline = environment_.clock.steady() + kStartPatience;
  while (true) {
    environment_.cancellation.check();
    if (postmaster_->wait(kPoll)) {
      fail("a private server does not start", printable(postmaster_->captured_err().bytes));
    }
    try {
      const pg::Connection connection = pg::Connection::connect(target_, {});
      server_version_ = connection.server_version();
      break;
    } catch (const Error& error) {
      if (environment_.clock.steady() >= deadline)
        fail("a private server does not answer", error.what());
    }
  }
  description_ =
      fmt::format("a private server, PostgreSQL {}.{}, run as {}, {}", server_version_ / 10000,
                  server_version_ % 10000, account_.empty() ? "you" : account_,
                  without_network_ ? "without a network" : "with this machine's network");
}

void LocalServer::make_roles(const archive::Contents& contents) {
  std::set<std::string> roles(contents.roles.begin(), contents.roles.end()), superusers;
  roles.insert(contents.database.owner);
  for (const archive::Entry& entry : contents.entries) {
    if (!entry.owner.empty()) roles.insert(entry.owner);
    if (needs_superuser(entry)) superusers.insert(entry.owner);
  }
  pg::Connection connection =
      pg::connect_maintenance(target_, "belay drill", &environment_.cancellation);
  for (const std::string& role : roles) {
    if (role == "postgres" || role.starts_with("pg_") || role == "public") continue;
    connection.run("CREATE ROLE " + quote_identifier(role) +
                   (superusers.contains(role) ? " SUPERUSER" : ""));
  }
}

// The schema says where its objects are: that must be the same, and nobody else is here.
void LocalServer::make_tablespaces(const archive::Contents& contents) {
  pg::Connection connection =
      pg::connect_maintenance(target_, "belay drill", &environment_.cancellation);
  int number = 0;
  for (const std::string& name : restore::tablespaces_in(contents)) {
    if (name == "pg_default") continue;
    const Path directory = directory_ / fmt::format("tablespace.{}", ++number);
    if (::mkdir(directory.c_str(), S_IRWXU) != 0) {
      fail("cannot make a directory for a tablespace", std::generic_category().message(errno));
    }
    give_to_account(directory);
    connection.run("CREATE TABLESPACE " + quote_identifier(name) + " LOCATION " +
                   quote_literal(directory.native()));
  }
}

}  // namespace belay::tools
