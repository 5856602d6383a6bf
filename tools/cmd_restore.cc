#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/base/error.h"
#include "libcore/base/name.h"
#include "libcore/base/shell_word.h"
#include "libcore/pg/connect_option.h"
#include "librestore/restore.h"
#include "tools/commands.h"
#include "tools/object_selection.h"
#include "tools/process.h"
#include "tools/target.h"
#include "tools/units.h"

namespace belay::tools {
namespace {

enum class Way { create, in_place };

// "Nothing left behind" holds for every failure of the server or the disk once work has begun.
Error as_failed_restore(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::sql:
    case ErrorKind::unreachable:  // it was reached before
    case ErrorKind::io:
    case ErrorKind::cancelled:
    case ErrorKind::mismatch:
    case ErrorKind::could_not_run:
      return Error(error).as(ErrorKind::restore_failed);
    default:
      return error;
  }
}

restore::Summary restore_archive(archive::Reader& reader, Way way, const pg::ConnectTarget& target,
                                 const std::string& name, const restore::Options& options,
                                 Environment& environment) {
  try {
    if (way == Way::in_place) {
      return restore::restore_in_place(reader, target, options, environment);
    }
    return restore::restore_create(reader, target, name, options, environment);
  } catch (const Error& error) {
    throw as_failed_restore(error);
  }
}

bool reads_parts(const restore::Options& options) {
  return !options.selection.everything() || options.schema_only || !options.pre_data;
}

// The archive, as a stream; or, where only parts of a file are wanted, these parts.
class OpenedArchive {
 public:
  OpenedArchive(const Path& path, const restore::Options& options, const Environment& environment) {
    if (path == "-") {
      if (Process::stdin_is_terminal()) {
        throw Error(ErrorKind::usage, "an archive is not read from a terminal")
            .next("redirect the standard input, or name a file");
      }
      stream_ = Process::input(environment.cancellation);
    } else {
      open(path, options, environment);
    }
    if (reader_) return;
    try {
      reader_ = std::make_unique<archive::StreamReader>(*stream_);  // reads up to the first row
    } catch (const Error& error) {
      throw as_failed_restore(error);
    }
  }

  archive::Reader& reader() { return *reader_; }

 private:
  void open(const Path& path, const restore::Options& options, const Environment& environment) {
    const FileSystem& files = environment.files;
    try {
      const FileStatus::Type type = files.status(path).type;
      if (type != FileStatus::Type::regular || !reads_parts(options)) {
        stream_ = type == FileStatus::Type::other
                      ? Process::input_from(path, environment.cancellation)
                      : files.open(path);
        return;
      }
      random_ = files.open_random(path);
    } catch (const Error& error) {
      throw Error(error).as(ErrorKind::usage);
    }
    file_ = std::make_unique<archive::ArchiveFile>(*random_);
    reader_ = std::make_unique<archive::PartReader>(*file_, random_->size(),
                                                    restore::items_of(file_->contents(), options));
  }

  std::unique_ptr<ByteSource> stream_;
  std::unique_ptr<RandomAccessFile> random_;
  std::unique_ptr<archive::ArchiveFile> file_;
  std::unique_ptr<archive::Reader> reader_;
};

Way way_of(const Command& command) {
  const bool create = command.on(Option::create), in_place = command.on(Option::in_place);
  if (create != in_place) return create ? Way::create : Way::in_place;
  throw Error(ErrorKind::usage,
              create ? "--create or --in-place, not both" : "restore needs --create or --in-place")
      .cause("an existing database is never written to by accident")
      .next("belay restore ARCHIVE -d NEW_NAME --create");
}

void read_sections(const Command& command, Way way, restore::Options& options) {
  const bool schema_only = command.on(Option::schema_only);
  const bool data_only = command.on(Option::data_only);
  const std::vector<std::string> sections = command.texts(Option::section);
  if (schema_only + data_only + !sections.empty() > 1) {
    throw Error(ErrorKind::usage, "only one of -s, -a and --section");
  }
  const auto has = [&](std::string_view section) {
    return sections.empty() ||
           std::find(sections.begin(), sections.end(), section) != sections.end();
  };
  for (const std::string& section : sections) {
    if (section != "pre-data" && section != "data" && section != "post-data") {
      command.refuse(Option::section, "pre-data, data or post-data");
    }
  }
  options.pre_data = !data_only && has("pre-data");
  options.post_data = !data_only && has("post-data");
  options.schema_only = schema_only || !has("data");
  if (way == Way::create && !options.pre_data) {
    throw Error(ErrorKind::usage, "a new database has no tables")
        .cause("rows and post-data need those of the section pre-data")
        .next("add --section pre-data, or restore --in-place");
  }
}

// "OLD=NEW". A name that holds an equals sign is written with \= for it.
restore::Placement placement_of(const Command& command) {
  restore::Placement placement;
  placement.ignored = command.on(Option::no_tablespaces);
  for (const std::string& text : command.texts(Option::tablespace_map)) {
    std::string names[2];
    std::size_t part = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text.substr(i, 2) == "\\=") {
        names[part] += text[++i];
      } else if (text[i] == '=') {
        if (++part == 2) break;
      } else {
        names[part] += text[i];
      }
    }
    const bool complete = part == 1 && !names[0].empty() && !names[1].empty();
    if (!complete || !placement.instead.emplace(names[0], names[1]).second) {
      command.refuse(Option::tablespace_map, "OLD=NEW, each OLD once");
    }
  }
  if (placement.ignored && !placement.instead.empty()) {
    throw Error(ErrorKind::usage, "--tablespace-map or --no-tablespaces, not both");
  }
  return placement;
}

restore::Options options_of(const Command& command, Way way) {
  restore::Options options;
  options.jobs = static_cast<int>(command.count(Option::jobs, 1, 64));
  options.selection = object_selection(command);
  options.no_owner = command.on(Option::no_owner);
  options.no_privileges = command.on(Option::no_privileges);
  options.role = command.text(Option::role);
  options.placement = placement_of(command);
  options.create_roles = command.on(Option::create_roles);
  options.run_as_owner = options.role.empty();
  read_sections(command, way, options);
  return options;
}

// The name of the database that -d names.
std::string name_of(const pg::ConnectTarget& target, const Command& command) {
  const std::string* name = target.find("dbname");
  if (name == nullptr || name->empty()) {
    throw Error(ErrorKind::usage, "-d names no database").object(command.text(Option::dbname));
  }
  if (derived_name(*name, "") != *name) {
    throw Error(ErrorKind::usage, "a database name of more than 63 bytes")
        .object(*name)
        .cause("the server would cut it");
  }
  return *name;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + printable(name);
  return text;
}

std::string source_line(const Path& archive, const restore::Summary& summary) {
  const std::string name = archive == "-" ? "standard input" : archive.native();
  if (summary.sha256 == Sha256()) {
    return fmt::format("{}, only the members that were needed", name);
  }
  return fmt::format("{}, {}, sha256 {}", name, human_bytes(summary.size), summary.sha256.hex());
}

// Of rows that came: plans are as good as the statistics.
std::string statistics_text(const restore::Summary& summary, const pg::ConnectTarget& target) {
  if (summary.tables == 0) return "";
  const std::string analyze = fmt::format("psql -d {} -c ANALYZE", pg::connect_option(target));
  if (!summary.statistics) return "none came along: " + analyze;
  std::string text = human_count(summary.statistics->taken) + " taken in";
  const std::size_t without = summary.statistics->analyze.size();
  if (without > 0) text += fmt::format("; for {} more: {}", counted(without, "table"), analyze);
  return text;
}

nlohmann::ordered_json statistics_object(const restore::Summary& summary) {
  if (!summary.statistics) return nullptr;
  nlohmann::ordered_json tables = nlohmann::ordered_json::array();
  for (const QualifiedName& table : summary.statistics->analyze)
    tables.push_back(quote_name_pretty(table));
  return {{"taken", summary.statistics->taken}, {"analyze", tables}};
}

}  // namespace

int run_restore(const Command& command, Context& context) {
  const Way way = way_of(command);
  if (!command.given(Option::dbname)) {
    throw Error(ErrorKind::usage, "restore needs -d")
        .cause(way == Way::create ? "it names the database that will be created"
                                  : "it names the database that will be written to");
  }
  const restore::Options options = options_of(command, way);
  const pg::ConnectTarget target = database(command, context);
  const std::string name = name_of(target, command);
  const Path archive = command.arguments().front();
  OpenedArchive opened(archive, options, context.environment);
  pg::ConnectTarget session = way == Way::create ? target.with_database("postgres") : target;
  reach(session, command, context);  // waits, and may ask for the password
  const restore::Summary summary =
      restore_archive(opened.reader(), way, session, name, options, context.environment);

  Output& output = context.output;
  for (const std::string& warning : summary.warnings) output.warning(warning);
  for (const std::string& object : summary.left_out) output.warning("left out: " + object);
  output.line(fmt::format("restored: database {}", printable(summary.database)));
  output.facts({{"from", source_line(archive, summary)},
                {"of", fmt::format("database {}, {}", printable(summary.header.source.database),
                                   summary.header.source.server_clock)},
                {"contents", fmt::format("{}, {}, {}, {}, {}", counted(summary.tables, "table"),
                                         counted(summary.rows, "row"), human_bytes(summary.bytes),
                                         counted(summary.sequences, "sequence"),
                                         counted(summary.large_objects, "large object"))},
                {"roles created", listed(summary.roles_created)},
                {"planner statistics", statistics_text(summary, target)},
                {"time", human_seconds(summary.seconds)}});
  if (archive != "-" && summary.whole) {
    output.next(fmt::format("belay compare {} {}", quote_shell_word(archive.native()),
                            pg::connect_option(target)));
  }
  nlohmann::ordered_json object;
  object["database"] = summary.database;
  object["archive"] = archive.native();
  object["archive_id"] = summary.header.archive_id;
  object["sha256"] = summary.sha256 == Sha256() ? "" : summary.sha256.hex();
  object["size"] = summary.size;
  object["tables"] = summary.tables;
  object["rows"] = summary.rows;
  object["bytes"] = summary.bytes;
  object["sequences"] = summary.sequences;
  object["large_objects"] = summary.large_objects;
  object["roles_created"] = summary.roles_created;
  object["planner_statistics"] = statistics_object(summary);
  object["whole"] = summary.whole;
  object["left_out"] = summary.left_out;
  object["statements"] = summary.statements;
  object["seconds"] = summary.seconds;
  output.result(object, 0);
  return 0;
}

}  // namespace belay::tools
