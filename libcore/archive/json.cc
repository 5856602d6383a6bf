#include "libcore/archive/json.h"

#include <functional>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "libcore/archive/members.h"

namespace belay::archive {
namespace {

// Before parsing: the parser builds whatever it is given.
bool too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxJsonDepth) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

}  // namespace

nlohmann::json parse_json(std::string_view text, const Where& where) {
  if (too_deep(text)) throw_damaged(where, "its JSON is nested too deeply");
  // Readers differ in which of two equal keys they believe; belay writes none.
  std::vector<std::set<std::string, std::less<>>> keys;  // of the objects that are open
  const auto watch = [&](int, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key && !keys.back().insert(parsed.get<std::string>()).second)
      throw_damaged(where, fmt::format("its JSON has the key {} twice", parsed.dump()));
    return true;
  };
  try {
    return nlohmann::json::parse(text, watch);
  } catch (const nlohmann::json::parse_error& error) {
    throw_damaged(where, fmt::format("it is not JSON at byte {}", error.byte));
  } catch (const nlohmann::json::exception&) {  // a number out of range
    throw_damaged(where, "its JSON cannot be represented");
  }
}

std::string dump_json(const nlohmann::json& value, std::string_view what, int indent) {
  try {
    return value.dump(indent);
  } catch (const nlohmann::json::type_error&) {
    throw Error(ErrorKind::backup_failed, "cannot be written to the archive")
        .object(what)
        .cause("its text is not valid UTF-8");
  }
}

Fields::Fields(const nlohmann::json& object, const Where& where) : object_(object), where_(where) {
  if (!object.is_object()) throw_damaged(where, "its JSON holds something else than an object");
}

void Fields::refuse(const char* key, std::string_view why) const {
  throw_damaged(where_, fmt::format("\"{}\": {}", key, why));
}

bool Fields::has(const char* key) const { return object_.contains(key); }

const nlohmann::json& Fields::value(const char* key) const {
  const auto found = object_.find(key);
  if (found == object_.end()) refuse(key, "the key is missing");
  return *found;
}

std::string text_of(const nlohmann::json& value, const Fields& fields, const char* key) {
  if (!value.is_string()) fields.refuse(key, "not a text");
  const std::string& text = value.get_ref<const std::string&>();
  if (text.find('\0') != std::string::npos) fields.refuse(key, "a text with a NUL character");
  return text;
}

std::uint64_t number_of(const nlohmann::json& value, std::uint64_t highest, const Fields& fields,
                        const char* key) {
  if (!value.is_number_unsigned()) fields.refuse(key, "not a whole number from 0 up");
  const std::uint64_t number = value.get<std::uint64_t>();
  if (number > highest) fields.refuse(key, fmt::format("{} is more than {}", number, highest));
  return number;
}

MemberRef reference_of(const nlohmann::json& value, std::string name, const Fields& fields,
                       const char* key) {
  if (!value.is_array() || value.size() != 3) fields.refuse(key, "not a reference");
  MemberRef reference;
  reference.name = std::move(name);
  reference.offset = number_of(value[0], kMaxArchiveBytes, fields, key);
  reference.size = number_of(value[1], kMaxArchiveBytes, fields, key);
  try {
    reference.sha256 = Sha256::from_hex(text_of(value[2], fields, key));
  } catch (const Error&) {
    fields.refuse(key, "not a SHA-256");
  }
  return reference;
}

std::string Fields::text(const char* key) const { return text_of(value(key), *this, key); }

std::vector<std::string> Fields::texts(const char* key) const {
  const nlohmann::json& list = value(key);
  if (!list.is_array()) refuse(key, "not a list");
  std::vector<std::string> result;
  result.reserve(list.size());
  for (const nlohmann::json& element : list) result.push_back(text_of(element, *this, key));
  return result;
}

std::uint64_t Fields::number(const char* key, std::uint64_t highest) const {
  return number_of(value(key), highest, *this, key);
}

int Fields::integer(const char* key, int lowest, int highest) const {
  const nlohmann::json& found = value(key);
  if (!found.is_number_integer()) refuse(key, "not a whole number");
  if (found.is_number_unsigned()) {
    if (found.get<std::uint64_t>() <= std::numeric_limits<int>::max()) {
      const int number = found.get<int>();
      if (number >= lowest && number <= highest) return number;
    }
  } else if (found.get<std::int64_t>() >= lowest) {  // negative, so not above `highest` >= 0
    return static_cast<int>(found.get<std::int64_t>());
  }
  refuse(key, fmt::format("not from {} to {}", lowest, highest));
}

std::vector<int> Fields::integers(const char* key, int lowest, int highest) const {
  const nlohmann::json& list = value(key);
  if (!list.is_array()) refuse(key, "not a list");
  std::vector<int> result;
  result.reserve(list.size());
  for (const nlohmann::json& element : list) {
    const std::uint64_t number = number_of(element, kMaxCount, *this, key);
    if (number < static_cast<std::uint64_t>(lowest) ||
        number > static_cast<std::uint64_t>(std::max(highest, 0))) {
      refuse(key, fmt::format("{} is not from {} to {}", number, lowest, highest));
    }
    result.push_back(static_cast<int>(number));
  }
  return result;
}

bool Fields::flag(const char* key) const {
  const nlohmann::json& found = value(key);
  if (!found.is_boolean()) refuse(key, "neither true nor false");
  return found.get<bool>();
}

Sha256 Fields::sha256(const char* key) const {
  try {
    return Sha256::from_hex(text(key));
  } catch (const Error&) {
    refuse(key, "not a SHA-256");
  }
}

ContentDigest Fields::digest(const char* key) const {
  const Fields digest(value(key), where_);
  const std::uint64_t rows = digest.number("rows");
  try {
    return ContentDigest::from_hex(rows, digest.text("sum"));
  } catch (const Error&) {
    refuse(key, "not a digest");
  }
}

MemberRef Fields::reference(const char* key, std::string name) const {
  return reference_of(value(key), std::move(name), *this, key);
}

std::vector<MemberRef> Fields::references(const char* key, std::string (*name)(int number),
                                          int first) const {
  const nlohmann::json& list = value(key);
  if (!list.is_array() || list.size() > kMaxNumber) refuse(key, "not a list of references");
  std::vector<MemberRef> result;
  result.reserve(list.size());
  for (const nlohmann::json& element : list) {
    const int number = first + static_cast<int>(result.size());
    result.push_back(reference_of(element, name(number), *this, key));
  }
  return result;
}

Fields Fields::object(const char* key) const { return Fields(value(key), where_); }

nlohmann::json to_json(const MemberRef& reference) {
  return nlohmann::json::array({reference.offset, reference.size, reference.sha256.hex()});
}

nlohmann::json to_json(const std::vector<MemberRef>& references) {
  nlohmann::json list = nlohmann::json::array();
  for (const MemberRef& reference : references) list.push_back(to_json(reference));
  return list;
}

nlohmann::json to_json(const ContentDigest& digest) {
  return {{"rows", digest.rows}, {"sum", digest.hex()}};
}

nlohmann::json to_json(const SourceIdentity& source) {
  return {{"system_identifier", source.system_identifier},
          {"timeline", source.timeline},
          {"database", source.database},
          {"database_oid", source.database_oid},
          {"server_version", source.server_version},
          {"server_version_text", source.server_version_text},
          {"snapshot", source.snapshot},
          {"wal_position", source.wal_position},
          {"server_clock", source.server_clock},
          {"environment", source.environment},
          {"in_recovery", source.in_recovery},
          {"postmaster_start", source.postmaster_start},
          {"server_address", source.server_address},
          {"data_directory", source.data_directory}};
}

SourceIdentity source_of(const Fields& fields) {
  constexpr std::uint64_t kMax32 = std::numeric_limits<std::uint32_t>::max();
  SourceIdentity source;
  source.system_identifier = fields.text("system_identifier");
  source.timeline = static_cast<std::uint32_t>(fields.number("timeline", kMax32));
  source.database = fields.text("database");
  source.database_oid = static_cast<std::uint32_t>(fields.number("database_oid", kMax32));
  source.server_version = fields.integer("server_version", 0, 9'999'999);
  source.server_version_text = fields.text("server_version_text");
  source.snapshot = fields.text("snapshot");
  source.wal_position = fields.text("wal_position");
  source.server_clock = fields.text("server_clock");
  source.environment = fields.text("environment");
  source.in_recovery = fields.flag("in_recovery");
  if (fields.has("postmaster_start")) {  // from 0.3 on
    source.postmaster_start = fields.text("postmaster_start");
    source.server_address = fields.text("server_address");
    source.data_directory = fields.text("data_directory");
  }
  return source;
}

void require_algorithm(const Fields& fields) {
  if (fields.text("algorithm") != kContentDigestAlgorithm) {
    fields.refuse("algorithm", "an unknown one");
  }
}

}  // namespace belay::archive
