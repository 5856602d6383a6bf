// Logging in, against a listener that says what a server would say.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <filesystem>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

#include "libcore/base/error.h"
#include "libcore/pg/connection.h"
#include "tests/support/catch.h"

using namespace belay;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

std::string message(char type, const std::string& body) {
  const std::size_t size = body.size() + 4;
  std::string out(1, type);
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift & 0xff);
  return out + body;
}

std::string refusal(const std::string& sqlstate, const std::string& text) {
  using namespace std::string_literals;
  return message('E', "SFATAL\0VFATAL\0C"s + sqlstate + "\0M"s + text + "\0"s + "\0"s);
}

// Answers each login with the next of `replies`; the last one stays. An empty reply closes.
class FakeServer {
 public:
  explicit FakeServer(std::deque<std::string> replies) : replies_(std::move(replies)) {
    char pattern[] = "/tmp/belay-fake-XXXXXX";
    if (!mkdtemp(pattern)) throw std::runtime_error("mkdtemp");
    directory_ = pattern;
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, (directory_ + "/.s.PGSQL.5432").c_str(),
                 sizeof address.sun_path - 1);
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, 8) != 0) {
      throw std::runtime_error("cannot listen");
    }
    thread_ = std::thread([this] { serve(); });
  }
  ~FakeServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    std::filesystem::remove_all(directory_);
  }

  pg::ConnectTarget target() const {
    return pg::ConnectTarget::parse("host=" + directory_ +
                                    " port=5432 dbname=app user=ann password=s3cret");
  }
  int logins() const { return logins_; }

 private:
  void serve() {
    for (;;) {
      const int client = ::accept(listener_, nullptr, nullptr);
      if (client < 0) return;
      ++logins_;
      char startup[4096];
      if (::recv(client, startup, sizeof startup, 0) > 0) {
        const std::string reply = replies_.front();
        if (replies_.size() > 1) replies_.pop_front();
        if (reply == "silence") {
          static_cast<void>(::recv(client, startup, sizeof startup, 0));
        } else {
          static_cast<void>(::send(client, reply.data(), reply.size(), MSG_NOSIGNAL));
        }
      }
      ::close(client);
    }
  }

  std::deque<std::string> replies_;
  std::string directory_;
  int listener_ = -1;
  std::atomic<int> logins_{0};
  std::thread thread_;
};

Error failure_of(const pg::ConnectTarget& target, const pg::ConnectOptions& options = {}) {
  try {
    pg::Connection::connect(target, options);
  } catch (const Error& error) {
    return error;
  }
  throw std::runtime_error("connected");
}

}  // namespace

TEST_CASE("a refused login says why and what to do, and is not tried again") {
  struct Row {
    const char* sqlstate;
    const char* text;
    const char* next;
  };
  const Row rows[] = {
      {"28P01", "password authentication failed for user \"ann\"", "check the password"},
      {"28000", "no pg_hba.conf entry for host \"[local]\"", "pg_hba.conf"},
      {"28000", "la rôle « ann » n'existe pas", "CREATE ROLE"},
      {"3D000", "database \"app\" does not exist", "check the name after -d"},
      {"42501", "permission denied for database \"app\"",
       "GRANT CONNECT ON DATABASE \"app\" TO \"ann\""},
      {"53300", "sorry, too many clients already", "-j"},
  };
  for (const Row& row : rows) {
    INFO(row.sqlstate);
    const FakeServer server({refusal(row.sqlstate, row.text)});
    pg::ConnectOptions options;
    options.wait = 20s;
    const std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
    const Error error = failure_of(server.target(), options);
    CHECK(std::chrono::steady_clock::now() - start < 10s);
    CHECK(server.logins() == 1);
    CHECK(error.kind() == ErrorKind::unreachable);
    CHECK(error.exit_status() == 3);
    CHECK(error.sqlstate() == row.sqlstate);
    CHECK(error.cause() == row.text);
    CHECK_THAT(error.next(), ContainsSubstring(row.next));
    CHECK_THAT(error.object(), ContainsSubstring("database app"));
    CHECK_THAT(std::string(error.what()) + error.next(), !ContainsSubstring("s3cret"));
  }
}

TEST_CASE("a server that is starting, or closes at once, is waited for") {
  const FakeServer server({refusal("57P03", "the database system is starting up"), "",
                           refusal("3D000", "database \"app\" does not exist")});
  pg::ConnectOptions options;
  options.wait = 30s;
  CHECK(failure_of(server.target(), options).sqlstate() == "3D000");
  CHECK(server.logins() == 3);
}

TEST_CASE("without a wait a starting server is an error at once") {
  const FakeServer server({refusal("57P03", "the database system is starting up")});
  const Error error = failure_of(server.target());
  CHECK(server.logins() == 1);
  CHECK_THAT(error.next(), ContainsSubstring("--wait-for-db"));
}

TEST_CASE("a server that is not there is waited for, up to the limit") {
  const pg::ConnectTarget target =
      pg::ConnectTarget::parse("host=/nonexistent/belay port=5432 dbname=app user=ann");
  pg::ConnectOptions options;
  options.wait = 700ms;
  const std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  const Error error = failure_of(target, options);
  CHECK(std::chrono::steady_clock::now() - start >= 700ms);
  CHECK(error.kind() == ErrorKind::unreachable);
  CHECK_THAT(error.next(), ContainsSubstring("check that the server runs"));
  CHECK_THAT(error.cause(), ContainsSubstring("/nonexistent/belay"));
}

TEST_CASE("a setting that libpq refuses is not waited for") {
  pg::ConnectOptions options;
  options.wait = 60s;
  const std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  const Error error =
      failure_of(pg::ConnectTarget::parse("host=/tmp sslmode=nonsense dbname=app"), options);
  CHECK(std::chrono::steady_clock::now() - start < 10s);
  CHECK_THAT(error.cause(), ContainsSubstring("sslmode"));
}

TEST_CASE("a silent server ends at connect_timeout, and earlier when cancelled") {
  const FakeServer server({"silence"});
  pg::ConnectTarget target = server.target();
  target.set("connect_timeout", "2");
  CHECK(failure_of(target).cause() == "no answer in time");

  Cancellation cancellation;
  pg::ConnectOptions options;
  options.cancellation = &cancellation;
  options.wait = 60s;
  target.set("connect_timeout", "60");
  std::thread canceller([&] {
    while (server.logins() < 2) std::this_thread::yield();
    cancellation.request();
  });
  const std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  const Error error = failure_of(target, options);
  canceller.join();
  CHECK(error.kind() == ErrorKind::cancelled);
  CHECK(std::chrono::steady_clock::now() - start < 5s);
}

TEST_CASE("a password that is asked for and not given says how to give it") {
  using namespace std::string_literals;
  const FakeServer server({message('R', "\0\0\0\3"s)});
  ::setenv("PGPASSFILE", "/nonexistent", 1);
  const std::string host = *server.target().find("host");
  const Error error =
      failure_of(pg::ConnectTarget::parse("host=" + host + " port=5432 dbname=app user=ann"));
  ::unsetenv("PGPASSFILE");
  CHECK_THAT(error.next(), ContainsSubstring("PGPASSWORD"));
}
