#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/base/error.h"
#include "librestore/compare.h"
#include "tools/commands.h"
#include "tools/target.h"
#include "tools/units.h"

namespace belay::tools {
namespace {

// An existing file, or what is named like one; everything else is a database.
bool is_archive(const std::string& text, const FileSystem& files) {
  return text.ends_with(".belay") || files.status(text).type == FileStatus::Type::regular;
}

restore::Side read_archive(const std::string& path, Context& context) {
  const std::unique_ptr<RandomAccessFile> file = context.environment.files.open_random(path);
  restore::Side side = restore::side_of_archive(archive::ArchiveFile(*file));
  side.title = path;
  return side;
}

restore::Side read_database(const std::string& text, const restore::Side* other,
                            const Command& command, Context& context) {
  pg::ConnectTarget target = named(text, command, context);
  reach(target, command, context);
  return restore::side_of_database(
      target, other, static_cast<int>(command.count(Option::jobs, 1, 64)), context.environment);
}

std::pair<restore::Side, restore::Side> read_sides(const Command& command, Context& context) {
  const std::string& a = command.arguments()[0];
  const std::string& b = command.arguments()[1];
  const bool a_is_archive = is_archive(a, context.environment.files);
  const bool b_is_archive = is_archive(b, context.environment.files);
  // A database is read in the form of the archive it is compared with.
  if (b_is_archive && !a_is_archive) {
    restore::Side right = read_archive(b, context);
    return {read_database(a, &right, command, context), std::move(right)};
  }
  restore::Side left =
      a_is_archive ? read_archive(a, context) : read_database(a, nullptr, command, context);
  restore::Side right =
      b_is_archive ? read_archive(b, context) : read_database(b, &left, command, context);
  return {std::move(left), std::move(right)};
}

void print(const restore::Comparison& comparison, const restore::Side& left,
           const restore::Side& right, bool recorded, Output& output) {
  output.line(fmt::format("{}: {} and {}", comparison.equal ? "equal" : "DIFFERENT",
                          printable(left.title), printable(right.title)));
  std::uint64_t rows = 0, different = 0;
  for (const auto& [name, table] : left.tables) rows += table.stored.rows;
  for (const restore::Comparison::Line& line : comparison.lines) different += line.equal ? 0 : 1;
  for (const restore::Comparison::Line& line : comparison.lines) {
    if (line.equal && !output.style().verbose) continue;
    output.line(line.equal
                    ? fmt::format("  equal: {}: {}", printable(line.object), printable(line.left))
                    : fmt::format("  differs: {}: {} | {}", printable(line.object),
                                  printable(line.left), printable(line.right)));
  }
  output.facts(
      {{"compared", fmt::format("{}, {} on the left, {}", counted(left.tables.size(), "table"),
                                counted(rows, "row"), counted(left.sequences.size(), "sequence"))},
       {"different", different == 0 ? "nothing" : counted(different, "object")},
       {"archive", recorded ? "as the backup recorded it; its rows were not read" : ""}});
  for (const std::string& reason : comparison.not_compared) {
    output.line(fmt::format("  not compared: {}", printable(reason)));
  }
}

}  // namespace

int run_compare(const Command& command, Context& context) {
  try {
    const auto [left, right] = read_sides(command, context);
    const restore::Comparison comparison = restore::compare(left, right);
    if (comparison.nothing_compared) {
      throw Error(ErrorKind::could_not_run, "nothing was compared")
          .object(fmt::format("{} and {}", left.title, right.title))
          .cause(comparison.not_compared.empty() ? "neither side has a table"
                                                 : comparison.not_compared.front());
    }
    const FileSystem& files = context.environment.files;
    const bool recorded =
        is_archive(command.arguments()[0], files) || is_archive(command.arguments()[1], files);
    print(comparison, left, right, recorded, context.output);
    nlohmann::ordered_json object;
    object["left"] = left.title;
    object["right"] = right.title;
    object["equal"] = comparison.equal;
    object["objects"] = nlohmann::ordered_json::array();
    for (const restore::Comparison::Line& line : comparison.lines) {
      nlohmann::ordered_json one;
      one["object"] = line.object;
      one["equal"] = line.equal;
      one["left"] = line.left;
      one["right"] = line.right;
      object["objects"].push_back(one);
    }
    object["not_compared"] = comparison.not_compared;
    const int status = comparison.equal ? 0 : describe(ErrorKind::mismatch).exit_status;
    context.output.result(object, status);
    return status;
  } catch (const Error& error) {
    switch (error.kind()) {
      case ErrorKind::io:
      case ErrorKind::sql:
      case ErrorKind::cancelled:
      case ErrorKind::backup_failed:  // the catalog holds what belay cannot read
        throw Error(error).as(ErrorKind::could_not_run);
      default:
        throw;
    }
  }
}

}  // namespace belay::tools
