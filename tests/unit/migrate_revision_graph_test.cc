// Revision files as Alembic writes them, and where their graph leads.
#include "libcore/base/error.h"
#include "migrate/revision_graph.h"
#include "tests/support/catch.h"

namespace {

using namespace belay;
using namespace belay::migrate;
using Ids = std::vector<std::string>;

Revision revision(const std::string& id, const Ids& down, const Ids& depends = {},
                  const Ids& labels = {}) {
  return {id, down, depends, labels, id + ".py", id};
}

template <typename Call>
ErrorKind kind_of(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.kind();
  }
  return ErrorKind::internal;
}

// a1 - b1 - c1 and a1 - b2 (label "side", depends on nothing); d1 merges c1 and b2 where asked for.
RevisionGraph branches() {
  return RevisionGraph({revision("a1", {}), revision("b1", {"a1"}), revision("c1", {"b1"}),
                        revision("b2", {"a1"}, {}, {"side"})});
}

TEST_CASE("literal assignments are read, in every form that Alembic writes") {
  const auto plain = parse_revision(
      "\"\"\"doc\n\nrevision = 'wrong'\n\"\"\"\nfrom alembic import op\n\n# revision = 'no'\n"
      "revision = 'a1'\ndown_revision = None\nbranch_labels = ('x', \"y\")\ndepends_on = 'z'\n\n"
      "def upgrade():\n    op.execute(\"\"\"down\\n_revision = 1\"\"\")\n");
  REQUIRE(plain);
  CHECK(plain->id == "a1");
  CHECK(plain->down.empty());
  CHECK(plain->labels == Ids{"x", "y"});
  CHECK(plain->depends_on == Ids{"z"});

  const auto annotated = parse_revision(
      "revision: str = 'b' 'c'\n"
      "down_revision: Union[str, Sequence[str], None] = (\n  'a',  # first\n  'b',\n)\n");
  REQUIRE(annotated);
  CHECK(annotated->id == "bc");
  CHECK(annotated->down == Ids{"a", "b"});
  CHECK(parse_revision("revision = r'a'\r\ndown_revision = ['x']\r\n")->down == Ids{"x"});
}

TEST_CASE("what is not literal is nothing") {
  const std::string good = "revision = 'a'\n";
  for (const char* bad : {"down_revision = other", "down_revision = f'{x}'", "down_revision = f()",
                          "down_revision = 'a' + 'b'", "down_revision = 'a' if x else None",
                          "down_revision = 'a\\x41'", "if x:\n    down_revision = 'a'",
                          "down_revision = ('a', b)", "x = 1"}) {
    INFO(bad);
    CHECK_FALSE(parse_revision(good + bad + "\n"));
  }
  CHECK_FALSE(parse_revision("down_revision = None\n"));
  CHECK_FALSE(parse_revision(""));
  CHECK_FALSE(parse_revision("revision = 'a"));
  CHECK_FALSE(parse_revision("revision = '''a"));
}

TEST_CASE("heads, and what the version table holds afterwards") {
  const RevisionGraph graph = branches();
  CHECK(graph.heads() == Ids{"b2", "c1"});
  CHECK(graph.after_upgrade({}, "heads") == Ids{"b2", "c1"});
  CHECK(graph.after_upgrade({"a1"}, "c1") == Ids{"c1"});
  CHECK(graph.after_upgrade({"b2"}, "c1") == Ids{"b2", "c1"});
  CHECK(graph.after_upgrade({"c1"}, "b1") == Ids{"c1"});
  CHECK(graph.after_upgrade({}, "+1") == Ids{"a1"});
  CHECK(graph.after_upgrade({"b1"}, "+1") == Ids{"c1"});
  CHECK(graph.after_upgrade({"a1"}, "side@head") == Ids{"b2"});
  CHECK(kind_of([&] { graph.after_upgrade({}, "c"); }) == ErrorKind::preflight);  // too short
  CHECK(graph.after_upgrade({}, "a1+0") == Ids{"a1"});
  CHECK(graph.after_downgrade({"c1"}, "-1") == Ids{"b1"});
  CHECK(graph.after_downgrade({"c1"}, "base") == Ids{});
  CHECK(graph.after_downgrade({"b2", "c1"}, "b1") == Ids{"b1", "b2"});
  CHECK(graph.after_stamp({"c1"}, {"a1"}) == Ids{"a1"});
  CHECK(graph.after_stamp({"c1"}, {"base"}) == Ids{});
}

TEST_CASE("a dependency takes the row of what it depends on") {
  const RevisionGraph graph(
      {revision("a", {}), revision("b", {"a"}, {}, {"main"}), revision("x", {}, {"main"})});
  CHECK(graph.heads() == Ids{"b", "x"});
  CHECK(graph.after_upgrade({}, "heads") == Ids{"x"});
  CHECK(graph.closure({"x"}) == Ids{"a", "b", "x"});
}

TEST_CASE("what a graph cannot answer has a kind of its own") {
  const RevisionGraph graph = branches();
  CHECK(kind_of([&] { graph.after_upgrade({}, "head"); }) == ErrorKind::several_heads);
  CHECK(kind_of([&] { graph.after_upgrade({"unknown"}, "heads"); }) == ErrorKind::ahead);
  CHECK(kind_of([&] { graph.after_upgrade({}, "nope"); }) == ErrorKind::preflight);
  CHECK(kind_of([&] { graph.after_upgrade({}, "b"); }) == ErrorKind::preflight);
  CHECK(kind_of([&] { graph.after_upgrade({"a1"}, "+1"); }) == ErrorKind::preflight);
  CHECK(kind_of([&] { graph.after_upgrade({"c1"}, "+1"); }) == ErrorKind::preflight);
  CHECK(kind_of([] { RevisionGraph({revision("a", {"b"})}); }) == ErrorKind::preflight);
  CHECK(kind_of([] {
          RevisionGraph({revision("a", {}), revision("a", {})});
        }) == ErrorKind::preflight);
  CHECK(kind_of([] {
          RevisionGraph({revision("a", {"b"}), revision("b", {"a"})});
        }) == ErrorKind::preflight);
}

TEST_CASE("the digest changes with any file that leads there, and with no other") {
  const RevisionGraph graph = branches();
  std::vector<Revision> edited = graph.revisions();
  for (Revision& one : edited) {
    if (one.id == "b2") one.sha256 = "edited";
  }
  CHECK(RevisionGraph(edited).digest({"c1"}) == graph.digest({"c1"}));
  CHECK(RevisionGraph(edited).digest({"b2"}) != graph.digest({"b2"}));
}

}  // namespace
