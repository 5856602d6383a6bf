#include "libcore/base/error.h"

#include <array>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

namespace belay {
namespace {

constexpr std::array kErrorKinds = {
    ErrorKindRow{ErrorKind::internal, 1, "internal", "internal error"},
    ErrorKindRow{ErrorKind::usage, 2, "usage", "wrong use or wrong configuration"},
    ErrorKindRow{ErrorKind::unreachable, 3, "unreachable", "cannot connect to the server"},
    ErrorKindRow{ErrorKind::not_permitted, 3, "not_permitted",
                 "a right is missing: the role's, or in the repository"},
    ErrorKindRow{ErrorKind::damaged, 4, "damaged", "damaged, or not an archive"},
    ErrorKindRow{ErrorKind::mismatch, 4, "mismatch", "contents or schema differ"},
    ErrorKindRow{ErrorKind::could_not_run, 5, "could_not_run", "verification could not run"},
    ErrorKindRow{ErrorKind::stale, 6, "stale", "the newest good backup is too old"},
    ErrorKindRow{ErrorKind::busy, 7, "busy", "another run is busy"},
    ErrorKindRow{ErrorKind::target_exists, 8, "target_exists",
                 "restore refused, the target exists"},
    ErrorKindRow{ErrorKind::restore_failed, 8, "restore_failed",
                 "restore failed, nothing left behind"},
    ErrorKindRow{ErrorKind::backup_failed, 10, "backup_failed", "backup failed"},
    ErrorKindRow{ErrorKind::no_fresh_backup, 11, "no_fresh_backup", "no fresh verified backup"},
    ErrorKindRow{ErrorKind::unusable_backup, 12, "unusable_backup",
                 "backup unusable here (newer format, key missing, damaged at the gate)"},
    ErrorKindRow{ErrorKind::other_database, 13, "other_database",
                 "other database, or its lineage broke"},
    ErrorKindRow{ErrorKind::drift, 14, "drift", "drift or dirty state"},
    ErrorKindRow{ErrorKind::ahead, 15, "ahead", "database ahead of these migrations"},
    ErrorKindRow{ErrorKind::several_heads, 16, "several_heads", "several heads"},
    ErrorKindRow{ErrorKind::preflight, 17, "preflight",
                 "preflight (rights, pooler, ambiguous version table, command not found, drill "
                 "too large)"},
    ErrorKindRow{ErrorKind::held, 18, "held", "held until a person releases it"},
    ErrorKindRow{ErrorKind::lock_timeout, 20, "lock_timeout", "lock timeout"},
    ErrorKindRow{ErrorKind::lock_lost, 21, "lock_lost", "lock lost"},
    ErrorKindRow{ErrorKind::migration_failed_unchanged, 30, "migration_failed_unchanged",
                 "migration failed, nothing changed"},
    ErrorKindRow{ErrorKind::migration_failed_changed, 31, "migration_failed_changed",
                 "migration failed and changed something"},
    ErrorKindRow{ErrorKind::migration_not_reached, 32, "migration_not_reached",
                 "migration claimed success, its revision was not reached"},
    ErrorKindRow{ErrorKind::verify_command_failed, 33, "verify_command_failed",
                 "verify command failed"},
    ErrorKindRow{ErrorKind::timed_out, 34, "timed_out", "timeout or killed"},
    ErrorKindRow{ErrorKind::rolled_back, 40, "rolled_back", "rolled back automatically"},
    ErrorKindRow{ErrorKind::rollback_failed, 41, "rollback_failed", "rollback failed"},
    ErrorKindRow{ErrorKind::sql, 1, "sql", "the server refused a statement"},
    ErrorKindRow{ErrorKind::io, 1, "io", "the operating system refused"},
    ErrorKindRow{ErrorKind::cancelled, 1, "cancelled", "cancelled by a signal"},
};

// describe() indexes the table, so a row out of order would give a wrong exit status.
constexpr bool in_order() {
  for (std::size_t i = 0; i < kErrorKinds.size(); ++i) {
    if (static_cast<std::size_t>(kErrorKinds[i].kind) != i) return false;
  }
  return kErrorKinds.size() == static_cast<std::size_t>(ErrorKind::cancelled) + 1;
}
static_assert(in_order());

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t length = 0;  // 0: not UTF-8
};

// Strict: no overlong forms, no surrogates, nothing above U+10FFFF.
CodePoint decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return {};
  std::uint32_t value = first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    value = (value << 6) | (byte(i) & 0x3fU);
  }
  constexpr std::array<std::uint32_t, 5> kLowest = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLowest[length] || value > 0x10ffff) return {};
  if (value >= 0xd800 && value <= 0xdfff) return {};
  return {value, length};
}

// Controls, and the separators and direction marks that change how the rest of a line looks.
bool disturbs_a_line(std::uint32_t value) {
  return value < 0x20 || (value >= 0x7f && value < 0xa0) || value == 0x2028 || value == 0x2029 ||
         (value >= 0x202a && value <= 0x202e) || (value >= 0x2066 && value <= 0x2069);
}

}  // namespace

std::span<const ErrorKindRow> error_kinds() { return kErrorKinds; }

const ErrorKindRow& describe(ErrorKind kind) {
  return kErrorKinds.at(static_cast<std::size_t>(kind));
}

Error::Error(ErrorKind kind, std::string what_happened)
    : kind_(kind), what_happened_(printable(what_happened)) {
  compose();
}

Error& Error::object(std::string_view name) {
  object_ = printable(name);
  compose();
  return *this;
}

Error& Error::cause(std::string_view why) {
  cause_ = printable(why);
  compose();
  return *this;
}

Error& Error::next(std::string_view step) {
  next_ = printable(step);
  return *this;
}

Error& Error::sqlstate(std::string_view five_characters) {
  sqlstate_ = five_characters;
  return *this;
}

Error& Error::as(ErrorKind kind) {
  kind_ = kind;
  return *this;
}

void Error::compose() {
  line_ = what_happened_;
  for (const std::string* part : {&object_, &cause_}) {
    if (part->empty()) continue;
    line_ += ": ";
    line_ += *part;
  }
}

std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const CodePoint point = decode(text);
    const std::size_t length = point.length == 0 ? 1 : point.length;
    if (point.length != 0 && !disturbs_a_line(point.value)) {
      result += text.substr(0, length);
    } else if (text[0] == '\n') {
      result += "\\n";
    } else if (text[0] == '\t') {
      result += "\\t";
    } else {
      for (const char c : text.substr(0, length)) {
        result += fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
      }
    }
    text.remove_prefix(length);
  }
  return result;
}

}  // namespace belay
