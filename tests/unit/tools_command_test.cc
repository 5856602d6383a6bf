// What a command line, the environment and a configuration file mean together.
#include <map>

#include "libcore/base/digest.h"
#include "libcore/base/error.h"
#include "tests/support/catch.h"
#include "tools/command.h"
#include "tools/usage.h"

using namespace belay;
using namespace belay::tools;
using Words = std::vector<std::string>;

namespace {

using Map = std::map<std::string, std::string>;

Command parsed(const Words& words, const Map& environment = {}) {
  const Variables variables = [&](const char* name) -> std::optional<std::string> {
    const auto found = environment.find(name);
    return found == environment.end() ? std::nullopt : std::optional(found->second);
  };
  return parse(recognize("belay", words), variables, real_file_system());
}

Error refused(const Words& words, const Map& environment = {}) {
  try {
    static_cast<void>(parsed(words, environment));
  } catch (const Error& error) {
    return error;
  }
  FAIL("was accepted");
  throw 0;
}

// A configuration file that is removed afterwards.
struct Configuration {
  explicit Configuration(std::string_view text)
      : path("/tmp/belay-config-" + random_hex(8) + ".toml") {
    publish_file(real_file_system(), path, text);
  }
  ~Configuration() { real_file_system().remove(path); }
  std::string path;
};

}  // namespace

TEST_CASE("options mean what they mean in psql") {
  const Command command = parsed({"restore", "-h", "db1", "-p5433", "-U", "ann", "-sxO", "-j4",
                                  "--create", "-d", "copy", "-w", "a.belay"});
  CHECK(command.verb() == Verb::restore);
  CHECK(command.text(Option::host) == "db1");
  CHECK(command.text(Option::port) == "5433");
  CHECK(command.text(Option::username) == "ann");
  CHECK(command.on(Option::schema_only));
  CHECK(command.on(Option::no_privileges));
  CHECK(command.on(Option::no_owner));
  CHECK(command.count(Option::jobs, 1, 64) == 4);
  CHECK(command.arguments() == Words{"a.belay"});
}

TEST_CASE("-d repeats, and a dash is a value and an argument") {
  const Command command = parsed({"backup", "-d", "a", "-d", "host=x dbname=b", "-f", "-"});
  CHECK(command.texts(Option::dbname) == Words{"a", "host=x dbname=b"});
  CHECK(command.text(Option::file) == "-");
  CHECK(parsed({"verify", "-"}).arguments() == Words{"-"});
  CHECK(parsed({"verify", "--", "-odd-name"}).arguments() == Words{"-odd-name"});
  CHECK(parsed({"backup", "-d", "[a,b]"}).texts(Option::dbname) == Words{"[a,b]"});
  CHECK(parsed({"backup", "-d", "a,b"}).texts(Option::dbname) == Words{"a,b"});
}

TEST_CASE("values are checked and named") {
  CHECK_THROWS_WITH(parsed({"backup", "-j", "0"}).count(Option::jobs, 1, 64),
                    "wrong value for --jobs: 0: a whole number from 1 to 64 is expected");
  CHECK_THROWS_WITH(parsed({"backup", "--verify", "no"}).choice(Option::verify),
                    "wrong value for --verify: no: one of none|readable|compared is expected");
  CHECK_THROWS_WITH(
      parsed({"backup"}, {{"BELAY_WAIT", "soon"}}).duration(Option::wait),
      "wrong value for BELAY_WAIT: soon: a time is expected, such as 30s, 15m, 26h or 7d");
  CHECK_THROWS_WITH(parsed({"backup", "-f", "a", "-f", "b"}).text(Option::file),
                    "given more than once: --file");
  CHECK(parsed({"backup"}).choice(Option::verify) == 1);
  CHECK(parsed({"backup", "--verify", "compared"}).choice(Option::verify) == 2);
}

TEST_CASE("what is unknown is refused with the nearest known word") {
  const Error option = refused({"backup", "--exclude-tabel-data", "x"});
  CHECK(option.exit_status() == 2);
  CHECK(std::string(option.what()) == "unknown option: --exclude-tabel-data");
  CHECK(option.next() == "did you mean --exclude-table-data");
  CHECK(refused({"backup", "--keep-last=3"}).object() == "--keep-last");
  CHECK(refused({"backup", "-y"}).next() == "belay backup --help lists the options");
  const Error verb = refused({"bakcup"});
  CHECK(verb.exit_status() == 2);
  CHECK(verb.next() == "did you mean: belay backup");
  CHECK(refused({"restore", "a", "--swap"}).cause() == "not built yet");
  CHECK(refused({}).exit_status() == 2);
  CHECK(refused({"-d", "app", "backup"}).exit_status() == 2);
  CHECK(refused({"verify"}).next() == "usage: belay verify [OPTION]... ARCHIVE|-");
  CHECK(refused({"backup", "app"}).exit_status() == 2);
  CHECK(refused({"backup", "-d"}).exit_status() == 2);
}

TEST_CASE("-h is the host, never help") {
  CHECK_THROWS(parsed({"backup", "-h"}));
  CHECK(recognize("belay", Words{"backup", "--help"}).kind == Invocation::Kind::help);
  CHECK(recognize("belay", Words{"--help"}).kind == Invocation::Kind::help);
  CHECK(recognize("belay", Words{"--version"}).kind == Invocation::Kind::version);
  CHECK(recognize("belay", Words{"compare", "--", "--help", "b"}).kind == Invocation::Kind::run);
}

TEST_CASE("the names of hand-written scripts stand for commands") {
  CHECK(recognize("dbbackup", Words{"-d", "x"}).verb == Verb::backup);
  CHECK(recognize("dbrestore", Words{}).verb == Verb::restore);
  CHECK(recognize("dbschema_export", Words{"-s"}).verb == Verb::schema);
}

TEST_CASE("command line, then environment, then configuration file") {
  const Configuration file(
      "repo = \"/from/file\"\njobs = 7\nlevel = \"compared\"\n\n[backup]\njobs = 8\n"
      "dbname = [\"a\", \"b\"]\nallow-unknown = true\n");
  const Map environment{{"BELAY_CONFIG", file.path}, {"BELAY_REPO", "/from/variable"}};
  const Command command = parsed({"backup"}, environment);
  CHECK(command.text(Option::repo) == "/from/variable");
  CHECK(command.count(Option::jobs, 1, 64) == 8);  // the section wins over the top
  CHECK(command.texts(Option::dbname) == Words{"a", "b"});
  CHECK(command.on(Option::allow_unknown));
  CHECK_FALSE(command.given(Option::level));  // backup has no such option
  CHECK(parsed({"backup", "--repo", "/from/line"}, environment).text(Option::repo) == "/from/line");
  CHECK(parsed({"verify", "x"}, environment).count(Option::jobs, 1, 64) == 7);
  CHECK(parsed({"list"}, {{"BELAY_CONFIG", file.path}}).text(Option::repo) == "/from/file");
  CHECK(parsed({"backup"}, {{"BELAY_REPO", ""}}).given(Option::repo) == false);
  CHECK_FALSE(parsed({"backup"}, {{"BELAY_ALLOW_UNKNOWN", "off"}}).on(Option::allow_unknown));
}

TEST_CASE("a configuration file with a misspelt key is refused, whatever the command") {
  for (const char* text : {"reop = \"x\"\n", "[backup]\nlevel = \"compared\"\n",
                           "[bakcup]\njobs = 2\n", "config = \"x\"\n", "[verify]\njobz = 1\n"}) {
    CAPTURE(text);
    const Configuration file(text);
    CHECK(refused({"backup", "--config", file.path}).exit_status() == 2);
  }
  CHECK(refused({"backup", "--config", "/nonexistent/belay.toml"}).exit_status() == 2);
}

TEST_CASE("help fits its width and shows every option of a command") {
  for (const VerbRow& row : verbs()) {
    const std::string help = verb_help(row.verb);
    for (const OptionRow& option : options()) {
      if (!takes(row.verb, option)) continue;
      CAPTURE(row.name, option.name);
      CHECK(help.find("--" + std::string(option.name)) != std::string::npos);
    }
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) {
      CAPTURE(line);
      CHECK(line.size() <= 96);
      CHECK((line.empty() || line.back() != ' '));
    }
  }
}
