// Part of a table of contents, and what it needs.
#include "libcore/archive/selection.h"

#include "libcore/base/error.h"
#include "tests/support/catch.h"

using namespace belay;
using namespace belay::archive;

namespace {

using Names = std::vector<std::string>;

struct Sample {
  std::vector<Entry> entries;

  int add(std::string kind, std::string name, std::vector<int> needs,
          Section section = Section::pre_data, std::string schema = "app") {
    Entry entry;
    entry.number = static_cast<int>(entries.size()) + 1;
    entry.kind = std::move(kind);
    entry.schema = std::move(schema);
    entry.name = std::move(name);
    entry.depends_on = std::move(needs);
    entry.section = section;
    entries.push_back(std::move(entry));
    return entries.back().number;
  }

  Sample() {
    const int app = add("schema", "app", {}, Section::pre_data, "");
    add("schema", "other", {}, Section::pre_data, "");
    const int mood = add("enum", "mood", {app});
    const int sequence = add("sequence", "users_id_seq", {app});
    const int users = add("table", "users", {app, sequence});
    const int songs = add("table", "songs", {app, mood});
    const int identity = add("sequence", "songs_id_seq", {songs});
    add("sequence ownership", "users_id_seq", {sequence, users});
    const int calm = add("materialized view", "calm", {songs, users});
    add("table", "log", {2}, Section::pre_data, "other");
    add("large object", "77", {}, Section::data, "");
    const int key = add("primary key", "users_pkey on users", {users}, Section::post_data);
    add("foreign key", "song_owner on songs", {songs, users, key}, Section::post_data);
    add("index", "songs_title", {songs}, Section::post_data);
    add("refresh", "calm", {calm}, Section::post_data);
    entries.back().last = true;
    static_cast<void>(identity);
  }

  Names taken(const Selection& selection, Names* asked = nullptr, Names* left_out = nullptr,
              const Exists& exists = {}) const {
    const Selected selected = select(entries, selection, exists);
    Names names;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (selected.taken[i]) names.push_back(title(entries[i]));
      if (selected.taken[i] && selected.asked[i] && asked) asked->push_back(title(entries[i]));
    }
    for (const auto& object : selected.left_out) {
      if (left_out) left_out->push_back(object.text);
    }
    return names;
  }
};

std::vector<NamePattern> tables(const char* pattern) { return {NamePattern::of_relation(pattern)}; }
std::vector<NamePattern> schemas(const char* pattern) { return {NamePattern::of_schema(pattern)}; }

}  // namespace

TEST_CASE("a table comes with what it needs and what hangs on it") {
  Names asked, left_out;
  CHECK(Sample().taken({{}, tables("songs"), {}, {}}, &asked, &left_out) ==
        Names{"schema app", "enum app.mood", "table app.songs", "sequence app.songs_id_seq",
              "index app.songs_title"});
  CHECK(asked == Names{"table app.songs", "sequence app.songs_id_seq", "index app.songs_title"});
  CHECK(left_out == Names{"foreign key app.\"song_owner on songs\": it needs table app.users"});
}

TEST_CASE("both ends of a foreign key bring it along") {
  Names left_out;
  const Names taken = Sample().taken({{}, tables("app.*s"), {}, {}}, nullptr, &left_out);
  CHECK(std::count(taken.begin(), taken.end(), "foreign key app.\"song_owner on songs\"") == 1);
  CHECK(std::count(taken.begin(), taken.end(), "sequence ownership app.users_id_seq") == 1);
  CHECK(left_out.empty());
}

TEST_CASE("a view brings its tables without rows, and is not refreshed from them") {
  Names asked, left_out;
  const Names taken = Sample().taken({{}, tables("calm"), {}, {}}, &asked, &left_out);
  CHECK(std::count(taken.begin(), taken.end(), "table app.songs") == 1);
  CHECK(asked == Names{"materialized view app.calm"});
  REQUIRE(left_out.size() == 1);
  CHECK(left_out[0].starts_with("refresh app.calm: it needs table app."));
}

TEST_CASE("a schema is all that is in it") {
  CHECK(Sample().taken({schemas("other"), {}, {}, {}}) == Names{"schema other", "table other.log"});
  CHECK(Sample().taken({schemas("app"), {}, {}, {}}).size() == 12);
  CHECK(Sample().taken({schemas("app"), tables("log"), {}, {}}).empty());
}

TEST_CASE("a type that is made in two steps is taken whole") {
  Sample sample;
  const int shell = sample.add("type placeholder", "chord", {1});
  const int input = sample.add("function", "chord_in(cstring)", {shell});
  const int type = sample.add("base type", "chord", {shell, input});
  sample.add("function", "play(chord)", {shell});
  const int table = sample.add("table", "tunes", {type});
  static_cast<void>(table);
  const Names taken = sample.taken({{}, tables("tunes"), {}, {}});
  CHECK(taken == Names{"schema app", "type placeholder app.chord",
                       "function app.\"chord_in(cstring)\"", "base type app.chord",
                       "table app.tunes"});
}

TEST_CASE("what is left out by name goes with what hangs on it") {
  Names left_out;
  const Sample sample;
  const Names taken = sample.taken({{}, {}, {}, tables("log")}, nullptr, &left_out);
  CHECK(taken.size() == sample.entries.size() - 1);
  // Large objects are only left out where something is picked.
  CHECK(std::count(taken.begin(), taken.end(), "large object \"77\"") == 1);
  CHECK(sample.taken({{}, {}, schemas("other"), {}}).size() == sample.entries.size() - 2);
  CHECK_THROWS_AS(sample.taken({{}, {}, {}, tables("users")}), Error);
  const Names without = sample.taken(
      {{}, {}, {}, {NamePattern::of_relation("users"), NamePattern::of_relation("calm")}}, nullptr,
      &left_out);
  CHECK(std::count(without.begin(), without.end(), "sequence app.users_id_seq") == 0);
  CHECK(std::count(without.begin(), without.end(), "table app.songs") == 1);
  CHECK(left_out == Names{"foreign key app.\"song_owner on songs\": it needs table app.users"});
}

TEST_CASE("what is there already need not be taken") {
  Names left_out;
  const Exists exists = [](const Entry& entry) {
    return entry.kind == "schema" || entry.kind == "enum" || entry.name == "users";
  };
  const Names taken = Sample().taken({{}, tables("songs"), {}, {}}, nullptr, &left_out, exists);
  CHECK(taken == Names{"table app.songs", "sequence app.songs_id_seq", "index app.songs_title"});
  // The key of the other table is not known to be there.
  CHECK(left_out.size() == 1);
}

TEST_CASE("a pattern that nothing matches is a mistake") {
  CHECK_THROWS_AS(Sample().taken({{}, tables("song"), {}, {}}), Error);
  CHECK_THROWS_AS(Sample().taken({schemas("ap"), {}, {}, {}}), Error);
  CHECK_NOTHROW(Sample().taken({{}, {}, schemas("none"), tables("none")}));
}

TEST_CASE("kept entries are numbered anew") {
  const Sample sample;
  const Selected selected = select(sample.entries, {{}, tables("songs"), {}, {}});
  std::vector<int> numbers;
  const std::vector<Entry> kept = keep_entries(sample.entries, selected.taken, numbers);
  REQUIRE(kept.size() == 5);
  for (std::size_t i = 0; i < kept.size(); ++i) CHECK(kept[i].number == static_cast<int>(i) + 1);
  CHECK(kept[2].depends_on == std::vector<int>{1, 2});
  CHECK(numbers[5] == 3);
  CHECK(numbers[4] == 0);
}
