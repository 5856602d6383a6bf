// JSON with suspicion: bounded nesting, checked types and ranges, and errors that name the key.
// For the .cc files of this folder only.
#pragma once

#include <nlohmann/json.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/archive/damage.h"
#include "libcore/archive/format.h"

namespace belay::archive {

inline constexpr std::uint64_t kMaxCount = std::uint64_t{1} << 62;  // so that sums do not overflow

// Throws Error{damaged} unless `text` is one JSON document of bounded depth.
nlohmann::json parse_json(std::string_view text, const Where& where);

// On one line, or indented. Throws Error{backup_failed} that names `what` if a text is not UTF-8.
std::string dump_json(const nlohmann::json& value, std::string_view what, int indent = -1);

// The keys of one object. All functions throw Error{damaged} where a key is missing or its value
// is not what is asked for. Neither argument is copied.
class Fields {
 public:
  Fields(const nlohmann::json& object, const Where& where);

  bool has(const char* key) const;  // for keys that a version log says may be absent
  const nlohmann::json& value(const char* key) const;
  std::string text(const char* key) const;
  std::vector<std::string> texts(const char* key) const;
  std::uint64_t number(const char* key, std::uint64_t highest = kMaxCount) const;
  int integer(const char* key, int lowest, int highest) const;
  std::vector<int> integers(const char* key, int lowest, int highest) const;
  bool flag(const char* key) const;
  Sha256 sha256(const char* key) const;
  ContentDigest digest(const char* key) const;
  MemberRef reference(const char* key, std::string name) const;
  std::vector<MemberRef> references(const char* key, std::string (*name)(int number),
                                    int first) const;
  Fields object(const char* key) const;

  // One of `words`, by the word that to_word() gives it.
  template <typename Enumeration, std::size_t Count>
  Enumeration word(const char* key, const std::array<Enumeration, Count>& words) const;

  const Where& where() const { return where_; }
  [[noreturn]] void refuse(const char* key, std::string_view why) const;

 private:
  const nlohmann::json& object_;
  const Where& where_;
};

// Checked access to a single value; `key` is for the error.
std::string text_of(const nlohmann::json& value, const Fields& fields, const char* key);
std::uint64_t number_of(const nlohmann::json& value, std::uint64_t highest, const Fields& fields,
                        const char* key);
MemberRef reference_of(const nlohmann::json& value, std::string name, const Fields& fields,
                       const char* key);

nlohmann::json to_json(const MemberRef& reference);
nlohmann::json to_json(const std::vector<MemberRef>& references);
nlohmann::json to_json(const ContentDigest& digest);
nlohmann::json to_json(const SourceIdentity& source);
SourceIdentity source_of(const Fields& fields);
// Throws Error{damaged} unless the algorithm is the one this version knows.
void require_algorithm(const Fields& fields);

template <typename Enumeration, std::size_t Count>
Enumeration Fields::word(const char* key, const std::array<Enumeration, Count>& words) const {
  const std::string found = text(key);
  for (const Enumeration value : words) {
    if (to_word(value) == found) return value;
  }
  refuse(key, "an unknown word");
}

}  // namespace belay::archive
