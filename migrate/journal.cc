#include "migrate/journal.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/base/digest.h"
#include "libcore/base/error.h"

namespace belay::migrate {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMaxEventBytes = 4 << 20;
constexpr std::size_t kMaxEvents = 100000;
constexpr std::string_view kExtension = ".json";
constexpr std::string_view kFormat = "belay.journal/1";

constexpr std::array kKinds = {EventKind::intent,  EventKind::result,        EventKind::rollback,
                               EventKind::swapped, EventKind::rollback_done, EventKind::release,
                               EventKind::sealed,  EventKind::dropped};

[[noreturn]] void refuse(std::string_view key, std::string_view why) {
  throw Error(ErrorKind::damaged, "not an event of the journal")
      .cause(fmt::format("{}: {}", key, why));
}

const json& value_of(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) refuse(key, "missing");
  return *found;
}

std::string text(const json& object, const char* key) {
  const json& value = value_of(object, key);
  if (!value.is_string()) refuse(key, "not a text");
  return value.get<std::string>();
}

std::uint64_t number(const json& object, const char* key, std::uint64_t highest) {
  const json& value = value_of(object, key);
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > highest) {
    refuse(key, "not a number in range");
  }
  return value.get<std::uint64_t>();
}

std::uint32_t oid(const json& object, const char* key) {
  return static_cast<std::uint32_t>(number(object, key, UINT32_MAX));
}

bool flag(const json& object, const char* key) {
  const json& value = value_of(object, key);
  if (!value.is_boolean()) refuse(key, "neither true nor false");
  return value.get<bool>();
}

std::vector<std::string> texts(const json& value, const char* key) {
  if (!value.is_array()) refuse(key, "not a list");
  std::vector<std::string> result;
  for (const json& one : value) {
    if (!one.is_string()) refuse(key, "not a list of texts");
    result.push_back(one.get<std::string>());
  }
  return result;
}

RevisionSets revision_sets_of(const json& object, const char* key) {
  const json& value = value_of(object, key);
  if (!value.is_object()) refuse(key, "not an object");
  RevisionSets sets;
  for (const auto& [table, revisions] : value.items()) sets[table] = texts(revisions, key);
  return sets;
}

void write_applied(const Event& event, json& object) {
  json applied = json::object();
  for (const auto& [id, revision] : event.applied) {
    applied[id] = {{"sha256", revision.sha256}, {"down", revision.down}};
  }
  object["applied"] = std::move(applied);
  object["unapplied"] = event.unapplied;
}

// A journal may have been begun before there were these.
void read_applied(const json& object, Event& event) {
  if (!object.contains("applied")) return;
  const json& applied = value_of(object, "applied");
  if (!applied.is_object()) refuse("applied", "not an object");
  for (const auto& [id, revision] : applied.items()) {
    if (!revision.is_object()) refuse("applied", "not an object of objects");
    event.applied[id] = {text(revision, "sha256"), texts(value_of(revision, "down"), "down")};
  }
  event.unapplied = texts(value_of(object, "unapplied"), "unapplied");
}

void write_fields(const Event& event, json& object) {
  switch (event.kind) {
    case EventKind::intent:
      object["target"] = {{"heads", event.target.heads},
                          {"files", event.target.files},
                          {"argv", event.target.argv}};
      object["before"] = event.before;
      object["fingerprint_before"] = event.fingerprint_before;
      object["snapshot_before"] = event.snapshot_before;
      object["archive"] = event.archive;
      object["archive_sha256"] = event.archive_sha256;
      object["host"] = event.host;
      object["pid"] = event.pid;
      object["gate"] = event.gate;
      object["reason"] = event.reason;
      break;
    case EventKind::result:
      object["outcome"] = event.outcome;
      object["exit_status"] = event.exit_status;
      object["changed"] = event.changed;
      object["rows_proved"] = event.rows_proved;
      object["after"] = event.after;
      object["fingerprint_after"] = event.fingerprint_after;
      object["note"] = event.note;
      if (event.new_oid != 0) {
        object["old_oid"] = event.old_oid;
        object["new_oid"] = event.new_oid;
      }
      write_applied(event, object);
      break;
    case EventKind::rollback:
    case EventKind::swapped:
    case EventKind::rollback_done:
      object["undo"] = event.undo;
      object["old_oid"] = event.old_oid;
      object["new_oid"] = event.new_oid;
      object["incoming_name"] = event.incoming_name;
      object["outgoing_name"] = event.outgoing_name;
      object["rows_missing"] = event.rows_missing;
      break;
    case EventKind::release:
      object["reason"] = event.reason;
      break;
    case EventKind::sealed:
      object["archive"] = event.archive;
      object["archive_sha256"] = event.archive_sha256;
      object["copy_version"] = event.copy_version;
      object["expires"] = to_iso8601(event.expires);
      [[fallthrough]];
    case EventKind::dropped:
      object["copy_system"] = event.copy_system;
      object["copy_name"] = event.copy_name;
      object["copy_oid"] = event.copy_oid;
      break;
  }
}

void read_fields(const json& object, Event& event) {
  switch (event.kind) {
    case EventKind::intent: {
      const json& target = value_of(object, "target");
      if (!target.is_object()) refuse("target", "not an object");
      event.target = {texts(value_of(target, "heads"), "heads"), text(target, "files"),
                      texts(value_of(target, "argv"), "argv")};
      event.before = revision_sets_of(object, "before");
      event.fingerprint_before = text(object, "fingerprint_before");
      event.snapshot_before = text(object, "snapshot_before");
      event.archive = text(object, "archive");
      event.archive_sha256 = text(object, "archive_sha256");
      event.host = text(object, "host");
      event.pid = static_cast<int>(number(object, "pid", INT32_MAX));
      if (object.contains("gate")) {
        event.gate = text(object, "gate");
        event.reason = text(object, "reason");
      }
      break;
    }
    case EventKind::result:
      event.outcome = text(object, "outcome");
      event.exit_status = static_cast<int>(number(object, "exit_status", 255));
      event.changed = flag(object, "changed");
      if (object.contains("rows_proved")) event.rows_proved = flag(object, "rows_proved");
      event.after = revision_sets_of(object, "after");
      event.fingerprint_after = text(object, "fingerprint_after");
      event.note = text(object, "note");
      if (object.contains("new_oid")) {
        event.old_oid = oid(object, "old_oid");
        event.new_oid = oid(object, "new_oid");
      }
      read_applied(object, event);
      break;
    case EventKind::rollback:
    case EventKind::swapped:
    case EventKind::rollback_done:
      event.undo = flag(object, "undo");
      event.old_oid = oid(object, "old_oid");
      event.new_oid = oid(object, "new_oid");
      event.incoming_name = text(object, "incoming_name");
      event.outgoing_name = text(object, "outgoing_name");
      event.rows_missing = number(object, "rows_missing", std::uint64_t{1} << 62);
      break;
    case EventKind::release:
      event.reason = text(object, "reason");
      break;
    case EventKind::sealed:
      event.archive = text(object, "archive");
      event.archive_sha256 = text(object, "archive_sha256");
      event.copy_version = text(object, "copy_version");
      event.expires = from_iso8601(text(object, "expires"));
      [[fallthrough]];
    case EventKind::dropped:
      event.copy_system = text(object, "copy_system");
      event.copy_name = text(object, "copy_name");
      event.copy_oid = oid(object, "copy_oid");
      break;
  }
}

// It becomes part of file names and of application_name.
bool is_run_id(const std::string& run) {
  constexpr std::size_t kLongest = 40;
  return !run.empty() && run.size() <= kLongest && std::all_of(run.begin(), run.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == 'T' || c == 'Z' || c == '-';
  });
}

EventKind kind_of(const std::string& word) {
  for (const EventKind kind : kKinds) {
    if (to_word(kind) == word) return kind;
  }
  refuse("event", "an unknown kind");
}

// 20261124T143000.123456Z: names sort by time.
std::string file_stamp(Moment at) {
  std::string stamp = to_iso8601(at);
  std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
  return stamp;
}

// The time in such a name; the epoch for any other name.
Moment moment_of(std::string_view name) {
  static constexpr std::string_view kForm = "0000-00-00T00:00:00.000000Z";
  std::string text;
  for (const char c : kForm) {
    if (c == '-' || c == ':') {
      text += c;
    } else if (!name.empty()) {
      text += name.front();
      name.remove_prefix(1);
    }
  }
  try {
    return from_iso8601(text);
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

bool DeployTarget::same_deploy(const DeployTarget& other) const {
  if (files.empty() || other.files.empty()) return argv == other.argv;
  return heads == other.heads && files == other.files;
}

std::string_view to_word(EventKind kind) {
  switch (kind) {
    case EventKind::intent:
      return "intent";
    case EventKind::result:
      return "result";
    case EventKind::rollback:
      return "rollback";
    case EventKind::swapped:
      return "swapped";
    case EventKind::rollback_done:
      return "rollback_done";
    case EventKind::release:
      return "release";
    case EventKind::sealed:
      return "sealed";
    case EventKind::dropped:
      return "dropped";
  }
  return "";
}

std::string to_json(const Event& event) {
  json object;
  object["format"] = kFormat;
  object["event"] = to_word(event.kind);
  object["run"] = event.run;
  object["at"] = to_iso8601(event.at);
  object["system_identifier"] = event.database.system_identifier;
  object["database_oid"] = event.database.database_oid;
  object["database"] = event.database.database;
  object["environment"] = event.database.environment;
  write_fields(event, object);
  return object.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

Event event_from_json(std::string_view text_of_event) {
  int depth = 0;
  const json object = json::parse(
      text_of_event,
      [&](int level, json::parse_event_t, json&) {
        depth = std::max(depth, level);
        return level <= 8;
      },
      false);
  if (object.is_discarded() || !object.is_object() || depth > 8) refuse("document", "not JSON");
  if (text(object, "format") != kFormat) refuse("format", "unknown");
  Event event;
  event.kind = kind_of(text(object, "event"));
  event.run = text(object, "run");
  if (!is_run_id(event.run)) refuse("run", "not the name of a run");
  event.at = from_iso8601(text(object, "at"));
  event.database = {text(object, "system_identifier"), oid(object, "database_oid"),
                    text(object, "database"), text(object, "environment")};
  read_fields(object, event);
  return event;
}

Journal::Journal(FileSystem& files, Path repository)
    : files_(files), directory_(std::move(repository) / "journal") {}

Moment Journal::newest() const {
  Moment newest{};
  for (const std::string& name : files_.list(directory_)) {
    if (name.ends_with(kExtension)) newest = std::max(newest, moment_of(name));
  }
  return newest;
}

void Journal::write(const Event& written) {
  files_.make_directories(directory_);
  Event event = written;
  event.at = std::max(event.at, newest() + std::chrono::microseconds(1));
  // The random part keeps two writers of the same microsecond apart: no file is written twice.
  publish_file(files_,
               directory_ / fmt::format("{}-{}-{}-{}{}", file_stamp(event.at), event.run,
                                        to_word(event.kind), random_hex(4), kExtension),
               to_json(event));
}

void Journal::require_writable() const {
  const Path file = directory_ / fmt::format(".{}.partial", random_hex(8));
  try {
    files_.make_directories(directory_);
    files_.create(file)->close();
    files_.remove(file);
  } catch (const Error& error) {
    throw Error(ErrorKind::backup_failed, "the journal cannot be written")
        .object(directory_.native())
        .cause(error.what())
        .next("give belay's account the right to write there");
  }
}

std::vector<Event> Journal::read() const {
  std::vector<Event> events;
  if (files_.status(directory_).type == FileStatus::Type::none) return events;
  for (const std::string& name : files_.list(directory_)) {
    if (name.starts_with(".") || !name.ends_with(kExtension)) continue;
    if (events.size() == kMaxEvents) {
      throw Error(ErrorKind::damaged, "the journal has too many events")
          .object(directory_.native());
    }
    try {
      if (files_.status(directory_ / name).type != FileStatus::Type::regular) {
        refuse("document", "not a regular file");  // a fifo would be waited for
      }
      events.push_back(event_from_json(read_file(files_, directory_ / name, kMaxEventBytes)));
    } catch (Error& error) {
      throw error.object((directory_ / name).native())
          .next("look at the file; move it away only if you know what that run did");
    }
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const Event& a, const Event& b) { return a.at < b.at; });
  return events;
}

std::string new_run_id(Clock& clock) {
  return fmt::format("{}-{}", to_file_stamp(clock.now()), random_hex(4));
}

}  // namespace belay::migrate
