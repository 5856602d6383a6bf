#include "migrate/drift.h"

#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/base/error.h"

namespace belay::migrate {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMaxRecordBytes = std::uint64_t{1} << 30;
constexpr std::string_view kFormat = "belay.schema-record/1";
constexpr std::size_t kMostLines = 100;

std::string_view word(catalog::Change change) {
  constexpr std::array<std::string_view, 3> kWords = {"added", "removed", "changed"};
  return kWords.at(static_cast<std::size_t>(change));
}

std::vector<std::string> lines_of(const std::vector<catalog::CanonicalObject>& before,
                                  const std::vector<catalog::CanonicalObject>& now) {
  std::vector<std::string> lines;
  const std::vector<catalog::Difference> differences = catalog::diff(before, now);
  for (const catalog::Difference& difference : differences) {
    if (lines.size() == kMostLines) {
      lines.push_back(fmt::format("and {} more", differences.size() - kMostLines));
      break;
    }
    std::string line = fmt::format("{:<8} {} {}", word(difference.change), difference.kind,
                                   printable(difference.identity));
    std::string_view mark = ": ";
    for (const catalog::PropertyChange& change : catalog::property_changes(difference)) {
      line += fmt::format("{}{}", mark, printable(change.property));
      mark = ", ";
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace

std::optional<ExpectedSchema> expected_schema(const History& history) {
  const Run* last = nullptr;
  for (const Run& run : history.runs()) {
    if (run.began) last = &run;
  }
  if (last == nullptr || !last->result) return std::nullopt;
  for (const Run& run : history.runs()) {  // a rollback to an archive that is no run's
    if (!run.began && run.rollback && run.rollback->at > last->result->at) return std::nullopt;
    if (&run != last && run.rollback && run.rollback->at > last->result->at) return std::nullopt;
  }
  const bool back = last->rolled_back();
  return ExpectedSchema{last->intent.run,
                        back ? last->intent.fingerprint_before : last->result->fingerprint_after,
                        back};
}

void SchemaRecords::write(const std::string& run, const Facts& facts, const History& history) {
  std::string text = json{{"format", kFormat}, {"server_major", facts.server_major}}.dump() + "\n";
  for (const catalog::CanonicalObject& object : facts.objects) {
    text += json::array({object.kind, object.identity, object.properties})
                .dump(-1, ' ', false, json::error_handler_t::replace) +
            "\n";
  }
  files_.make_directories(directory_);
  publish_file(files_, path_of(run), text);
  for (const Run& earlier : history.runs()) {
    if (earlier.intent.run != run) files_.remove(path_of(earlier.intent.run));
  }
}

std::optional<std::vector<catalog::CanonicalObject>> SchemaRecords::read(const std::string& run,
                                                                         int server_major) const {
  const Path path = path_of(run);
  if (files_.status(path).type != FileStatus::Type::regular) return std::nullopt;
  const std::string text = read_file(files_, path, kMaxRecordBytes);
  std::vector<catalog::CanonicalObject> objects;
  bool first = true;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const json line = json::parse(text.begin() + static_cast<std::ptrdiff_t>(at),
                                  text.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
    at = end + 1;
    try {
      if (first) {
        if (line.at("format") != kFormat) throw Error(ErrorKind::damaged, "another format");
        if (line.at("server_major").get<int>() != server_major) return std::nullopt;
        first = false;
        continue;
      }
      objects.push_back({line.at(0).get<std::string>(), line.at(1).get<std::string>(),
                         line.at(2).get<std::string>()});
    } catch (const json::exception&) {
      throw Error(ErrorKind::damaged, "not a record of a schema").object(path.native());
    }
  }
  return objects;
}

std::optional<Drift> find_drift(const SchemaRecords& records, const History& history,
                                const Facts& now) {
  const std::optional<ExpectedSchema> expected = expected_schema(history);
  if (!expected || expected->fingerprint == now.fingerprint.hex()) return std::nullopt;
  Drift drift{fmt::format("the schema is not as run {} {} it", expected->run,
                          expected->taken_back ? "found" : "left"),
              {}};
  const auto objects = records.read(expected->run, now.server_major);
  if (objects && !expected->taken_back) drift.lines = lines_of(*objects, now.objects);
  return drift;
}

}  // namespace belay::migrate
