// The revision graph against Alembic's own answers, over generated projects: a few hundred here,
// any number with PROOF_COUNT and PROOF_SEED.
#include <cstdlib>
#include <random>
#include <set>
#include <sstream>

#include <nlohmann/json.hpp>

#include "libcore/base/child_process.h"
#include "libcore/base/error.h"
#include "migrate/revision_graph.h"
#include "tests/support/catch.h"

namespace {

using namespace belay;
using namespace belay::migrate;
using nlohmann::json;
using Ids = std::vector<std::string>;
using namespace std::chrono_literals;

std::string from_environment(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

// The Python that Debian's Alembic runs with.
std::string ask_alembic(const std::string& seed, const std::string& count) {
  ChildCommand command;
  command.argv = {"/usr/bin/python3", BELAY_SOURCE_DIR "/tests/support/alembic_graphs.py", seed,
                  count};
  command.out.to = command.err.to = ChildOutput::To::captured;
  command.out.limit = std::size_t{1} << 30;
  const auto child = real_child_processes().start(command);
  const auto exit = child->wait(3600s);
  INFO(child->captured_err().bytes);
  REQUIRE(exit);
  REQUIRE(exit->success());
  return child->captured_out().bytes;
}

RevisionGraph graph_of(const json& object) {
  std::vector<Revision> revisions;
  for (const json& one : object.at("revisions")) {
    revisions.push_back({one.at("id"), one.at("down"), one.at("depends_on"), one.at("labels"),
                         one.at("id").get<std::string>() + ".py", ""});
  }
  return RevisionGraph(std::move(revisions));
}

std::optional<Ids> answer(const RevisionGraph& graph, const json& one, std::string& why) {
  const Ids rows = one.at("rows"), arguments = one.at("arguments");
  try {
    if (one.at("action") == "upgrade") return graph.after_upgrade(rows, arguments.front());
    if (one.at("action") == "downgrade") return graph.after_downgrade(rows, arguments.front());
    return graph.after_stamp(rows, arguments);
  } catch (const Error& error) {
    why = error.what();
    return std::nullopt;
  }
}

// From several rows Alembic warns, and takes whichever the server returned first.
bool depends_on_chance(const json& one) {
  const std::string argument = one.at("arguments").front();
  return one.at("action") == "downgrade" && one.at("rows").size() > 1 && argument.starts_with("-");
}

// Alembic 1.8 breaks down over a merge of a revision with one that depends on it.
bool alembic_broke_down(const json& one) {
  return one.contains("error") && one.at("error").get<std::string>().starts_with("KeyError");
}

// Below a merge of a revision with one that depends on it Alembic 1.8 leaves the row of both, later
// versions only the latter's; belay counts them as the same.
std::optional<Ids> wanted_of(const RevisionGraph& graph, const json& one) {
  if (!one.contains("after")) return std::nullopt;
  Ids rows = one.at("after");
  return one.at("action") == "downgrade" ? graph.effective(rows) : rows;
}

TEST_CASE("every answer is Alembic's own") {
  const std::string seed = from_environment("PROOF_SEED", std::to_string(std::random_device()()));
  const std::string count = from_environment("PROOF_COUNT", "300");
  std::istringstream lines(ask_alembic(seed, count));
  std::string line, first;
  std::size_t graphs = 0, cases = 0, answers = 0, wrong = 0;
  while (std::getline(lines, line)) {
    const json object = json::parse(line);
    const RevisionGraph graph = graph_of(object);
    ++graphs;
    if (graph.heads() != object.at("heads").get<Ids>()) ++wrong;
    for (const json& one : object.at("cases")) {
      if (depends_on_chance(one) || alembic_broke_down(one)) continue;
      ++cases;
      std::string why;
      const std::optional<Ids> found = answer(graph, one, why);
      const std::optional<Ids> wanted = wanted_of(graph, one);
      if (wanted) ++answers;
      if (found == wanted) continue;
      ++wrong;
      if (!first.empty()) continue;
      first = object.at("revisions").dump() + "\n" + one.dump() + "\n" +
              (found ? json(*found).dump() : why);
    }
  }
  INFO("PROOF_SEED=" << seed << " PROOF_COUNT=" << count << "\n" << first);
  CHECK(wrong == 0);
  CHECK(graphs == std::stoul(count));
  CHECK(answers * 3 > cases);  // else hardly anything was asked
  if (std::getenv("PROOF_COUNT") != nullptr) {
    WARN(cases << " commands, " << answers << " of them with an answer; loops=" << graphs
               << " failures=" << (wrong == 0 ? 0 : 1));
  }
}

}  // namespace
