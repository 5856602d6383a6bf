#include "tools/schema_diff.h"

#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/base/error.h"
#include "libcore/catalog/canonical.h"
#include "tools/text_diff.h"
#include "tools/units.h"

namespace belay::tools {
namespace {

using catalog::Change;
using Json = nlohmann::ordered_json;

// Longer texts are shown as the lines that differ.
constexpr std::size_t kMostInline = 60;

std::string_view word(Change change) {
  constexpr std::array<std::string_view, 3> kWords = {"added", "removed", "changed"};
  return kWords.at(static_cast<std::size_t>(change));
}

Json parsed(const std::string& properties) {
  return properties.empty() ? Json() : Json::parse(properties, nullptr, false);
}

void print_lines(const std::vector<std::string>& lines, Output& output) {
  for (const std::string& line : lines) {
    output.line(fmt::format("                   {}", printable(line)));
  }
}

// As psql prints it: "bob=r*w/ada, =r/ada".
std::string privileges(const std::string& acl) {
  std::string text;
  for (const Json& item : Json::parse(acl, nullptr, false)) {
    const std::string grantee = item.value("grantee", ""), may_grant = item.value("grantable", "");
    if (!text.empty()) text += ", ";
    text += grantee + '=';
    for (const char letter : item.value("privileges", "")) {
      text += letter;
      if (may_grant.find(letter) != std::string::npos) text += '*';
    }
    text += '/' + item.value("grantor", "");
  }
  return text.empty() ? "nobody" : text;
}

void print_change(const catalog::PropertyChange& change, Output& output) {
  const bool acl = change.property == "acl" || change.property.ends_with(".acl");
  const auto text = [acl](const std::string& value, bool absent) {
    if (acl) return absent ? "the default" : printable(privileges(value));
    return absent ? "(none)" : value.empty() ? "''" : printable(value);
  };
  const std::string before = text(change.before, change.absent_before);
  const std::string after = text(change.after, change.absent_after);
  const bool lines = !acl && (change.before.find('\n') != std::string::npos ||
                              change.after.find('\n') != std::string::npos ||
                              before.size() + after.size() > kMostInline);
  const std::string property = printable(change.property);
  if (!lines || change.absent_before || change.absent_after) {
    output.line(fmt::format("             {}: {} -> {}", property, before, after));
    return;
  }
  output.line(fmt::format("             {}:", property));
  print_lines(line_diff(change.before, change.after), output);
}

struct Counts {
  std::array<std::size_t, 3> of{};
  void add(Change change) { ++of.at(static_cast<std::size_t>(change)); }
  std::string words() const {
    return fmt::format("{} added, {} removed, {} changed", of[0], of[1], of[2]);
  }
};

void print_verdict(bool same, const SchemaSource& before, const SchemaSource& after,
                   Output& output) {
  output.line(fmt::format("{}: {} and {}", same ? "same" : "DIFFERENT", printable(before.title),
                          printable(after.title)));
}

int finish(const SchemaSource& before, const SchemaSource& after, Json differences,
           Output& output) {
  Json object;
  object["before"] = before.title;
  object["after"] = after.title;
  object["same"] = differences.empty();
  object["differences"] = std::move(differences);
  const int status = object["same"].get<bool>() ? 0 : describe(ErrorKind::mismatch).exit_status;
  output.result(object, status);
  return status;
}

}  // namespace

int print_schema_diff(const SchemaSource& before, const SchemaSource& after, Output& output) {
  const dump::SchemaObjects& left = objects_of(before);
  const dump::SchemaObjects& right = objects_of(after);
  const std::vector<catalog::Difference> differences = catalog::diff(left.objects, right.objects);
  if (!differences.empty() && left.server_major != right.server_major) {
    throw Error(ErrorKind::could_not_run, "schemas of different major versions cannot be compared")
        .object(fmt::format("{} and {}", before.title, after.title))
        .cause(fmt::format("server {} and server {} word the same object differently",
                           left.server_major, right.server_major))
        .next("restore the older one on the newer server, and compare with that database");
  }
  print_verdict(differences.empty(), before, after, output);
  Counts counts;
  Json list = Json::array();
  for (const catalog::Difference& difference : differences) {
    counts.add(difference.change);
    output.line(fmt::format("  {:<8} {} {}", word(difference.change), difference.kind,
                            printable(difference.identity)));
    Json one = {{"change", word(difference.change)},
                {"kind", difference.kind},
                {"identity", difference.identity},
                {"before", parsed(difference.before)},
                {"after", parsed(difference.after)}};
    list.push_back(std::move(one));
    for (const catalog::PropertyChange& change : catalog::property_changes(difference)) {
      print_change(change, output);
    }
  }
  output.facts({{"compared", fmt::format("{} and {}", counted(left.objects.size(), "object"),
                                         counted(right.objects.size(), "object"))},
                {"different", differences.empty() ? "nothing" : counts.words()}});
  return finish(before, after, std::move(list), output);
}

int print_script_diff(const SchemaSource& before, const SchemaSource& after, Output& output) {
  const std::vector<ScriptChange> changes = script_diff(before.sql, after.sql);
  print_verdict(changes.empty(), before, after, output);
  Json list = Json::array();
  for (const ScriptChange& change : changes) {
    const auto kind = static_cast<Change>(change.change);
    output.line(fmt::format("  {:<8} {}", word(kind), printable(change.title)));
    print_lines(change.lines, output);
    list.push_back({{"change", word(kind)}, {"object", change.title}, {"lines", change.lines}});
  }
  return finish(before, after, std::move(list), output);
}

}  // namespace belay::tools
