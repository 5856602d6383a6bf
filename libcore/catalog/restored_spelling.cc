// Not SQL in general: what the server writes, where keywords are in capitals, names and types are
// not, and a quote inside of quotes is doubled.
#include "libcore/catalog/restored_spelling.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace belay::catalog {

namespace {

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_of_word(char c) {
  return is_lower(c) || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// The end of the quoted text that begins here. A doubled quote ends and begins again.
std::size_t after_quoted(std::string_view text, std::size_t at) {
  const char quote = text[at];
  do {
    at = std::min(text.find(quote, at + 1), text.size());
    at = std::min(at + 1, text.size());
  } while (at < text.size() && text[at] == quote);
  return at;
}

std::size_t after_word(std::string_view text, std::size_t at) {
  while (at < text.size() && is_of_word(text[at])) ++at;
  return at;
}

// The items of the list that begins behind `at`, and its closing bracket.
struct List {
  std::vector<std::string_view> items;
  std::size_t end;
};
std::optional<List> list_at(std::string_view text, std::size_t at) {
  List list{{}, 0};
  int depth = 0;
  std::size_t start = at;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '\'' || c == '"') {
      at = after_quoted(text, at);
      continue;
    }
    if (c == '(' || c == '[') ++depth;
    const bool closing = c == ')' || c == ']';
    if (depth == 0 && (c == ',' || closing)) {
      list.items.push_back(text.substr(start, at - start));
      start = at + (text.substr(at).starts_with(", ") ? 2 : 1);
    }
    if (closing && depth-- == 0) {
      list.end = at;
      return list;
    }
    ++at;
  }
  return std::nullopt;
}

// The end of the type's name that begins here, without "[]".
std::size_t after_type(std::string_view text, std::size_t at) {
  const std::size_t start = at;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = after_quoted(text, at);
    } else if (c == '(' && at > start && at + 1 < text.size() && is_digit(text[at + 1])) {
      at = std::min(text.find(')', at), text.size() - 1) + 1;
    } else if (is_lower(c) || is_digit(c) || c == '_' || c == '.' || c == '$' || c == ' ' ||
               static_cast<unsigned char>(c) >= 0x80) {
      ++at;
    } else {
      break;
    }
  }
  while (at > start && text[at - 1] == ' ') --at;
  return at;
}

// What the server calls a column that is nothing but a value of this type, quoted as it writes it.
std::string name_of_type(std::string_view type) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 18> kSpelt = {{
      {"bigint", "int8"},
      {"bit varying", "varbit"},
      {"bit", "\"bit\""},
      {"boolean", "bool"},
      {"character varying", "\"varchar\""},
      {"character", "bpchar"},
      {"double precision", "float8"},
      {"integer", "int4"},
      {"interval", "\"interval\""},
      {"json", "\"json\""},
      {"numeric", "\"numeric\""},
      {"real", "float4"},
      {"smallint", "int2"},
      {"time with time zone", "timetz"},
      {"time without time zone", "\"time\""},
      {"time", "\"time\""},
      {"timestamp with time zone", "timestamptz"},
      {"timestamp without time zone", "\"timestamp\""},
  }};
  std::string plain(type);
  const std::size_t modifier = plain.find('(');
  if (modifier != plain.npos && plain.find('"') == plain.npos) {
    plain.erase(modifier, plain.find(')', modifier) + 1 - modifier);
  }
  for (const auto& [spelt, name] : kSpelt) {
    if (plain == spelt) return std::string(name);
  }
  // Behind the schema.
  std::size_t start = 0;
  for (std::size_t at = 0; at < plain.size();) {
    if (plain[at] == '"') {
      at = after_quoted(plain, at);
    } else if (plain[at++] == '.') {
      start = at;
    }
  }
  return plain.substr(start);
}

// The name without quotes that it does not need: which words need them differs between servers.
std::string_view unquoted(std::string_view name) {
  const bool plain = name.size() > 2 && name.front() == '"' &&
                     std::all_of(name.begin() + 1, name.end() - 1,
                                 [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
  return plain ? name.substr(1, name.size() - 2) : name;
}

constexpr std::string_view kArray = "ARRAY[";

class Speller {
 public:
  explicit Speller(std::string_view text) : text_(text) {}

  std::string run() {
    while (at_ < text_.size()) step();
    return std::move(out_);
  }

 private:
  // Between two brackets: whether columns of a query are listed here.
  struct Level {
    bool columns = false;
    bool column_starts = false;
  };

  std::string_view rest() const { return text_.substr(at_); }
  void copy_until(std::size_t end) {
    out_ += text_.substr(at_, end - at_);
    at_ = end;
  }

  void step() {
    const char c = text_[at_];
    Level& level = levels_.back();
    if (c == ' ' || c == '\n') return copy_until(at_ + 1);
    if (level.column_starts) {
      level.column_starts = false;
      if (copy_unnamed_value()) return;
    }
    if (c == '\'' || c == '"') return copy_until(after_quoted(text_, at_));
    if (copy_cast_of_array()) return;
    if (is_of_word(c)) return copy_word();
    if (c == '(' || c == '[') levels_.emplace_back();
    if ((c == ')' || c == ']') && levels_.size() > 1) levels_.pop_back();
    if (c == ',') level.column_starts = level.columns;
    if (c == ';') level = {};
    const bool values = rest().starts_with("(VALUES (");
    copy_until(at_ + 1);
    if (values) out_ += ' ';
  }

  void copy_word() {
    Level& level = levels_.back();
    const std::size_t end = after_word(text_, at_);
    const std::string_view word = text_.substr(at_, end - at_);
    if (is_one_of(word, {"SELECT", "RETURNING"})) {
      level = {true, true};
    } else if (word == "DISTINCT") {
      level.column_starts = level.columns;
      constexpr std::string_view kOn = " ON (";
      if (text_.substr(end).starts_with(kOn)) {
        const std::optional<List> list = list_at(text_, end + kOn.size());
        if (list) return copy_until(list->end + 1);
      }
    } else if (is_one_of(word, {"FROM", "WHERE", "GROUP", "HAVING", "WINDOW", "ORDER", "LIMIT",
                                "OFFSET", "FETCH", "FOR", "UNION", "INTERSECT", "EXCEPT"})) {
      level = {};
    }
    copy_until(end);
  }

  // A value with its type, or a query of one, and what the server calls it.
  struct Value {
    std::size_t end;
    std::string name;
  };
  std::optional<Value> value_at(std::size_t at) const {
    const std::string_view text = text_.substr(at);
    for (const std::string_view start : {"( SELECT ", "(SELECT "}) {
      if (!text.starts_with(start)) continue;
      const std::optional<Value> inner = value_at(at + start.size());
      const std::optional<List> list = list_at(text_, at + 1);
      if (!inner || !list) return std::nullopt;
      return Value{list->end + 1, inner->name};
    }
    if (text.starts_with("NULL::")) {
      at += 4;
    } else {
      if (text.starts_with("E'")) ++at;
      if (text_.substr(at, 1) != "'") return std::nullopt;
      at = after_quoted(text_, at);
    }
    if (!text_.substr(at).starts_with("::")) return std::nullopt;
    at += 2;
    const std::size_t end = after_type(text_, at);
    const bool array = text_.substr(end).starts_with("[]");
    return Value{end + (array ? 2 : 0), name_of_type(text_.substr(at, end - at))};
  }

  // A value that is named as it would be anyway.
  bool copy_unnamed_value() {
    constexpr std::string_view kAs = " AS ";
    const std::optional<Value> value = value_at(at_);
    if (!value || !text_.substr(value->end).starts_with(kAs)) return false;
    const std::size_t name = value->end + kAs.size();
    if (name >= text_.size()) return false;
    const std::size_t after =
        text_[name] == '"' ? after_quoted(text_, name) : after_word(text_, name);
    if (unquoted(text_.substr(name, after - name)) != unquoted(value->name)) return false;
    if (text_[at_] == '(') {
      const std::string_view query = text_.substr(at_ + 1, value->end - at_ - 2);
      out_.append("(").append(Speller(query).run()).append(")");
    } else {
      out_ += text_.substr(at_, value->end - at_);
    }
    at_ = after;
    return true;
  }

  // (ARRAY[...])::type[], or without parentheses where the server writes few of them.
  bool copy_cast_of_array() {
    constexpr std::string_view kAny = "[]";
    const bool few = text_[at_] != '(';
    const std::size_t start = at_ + (few ? 0 : 1) + kArray.size();
    if (!text_.substr(0, start).ends_with(kArray)) return false;
    const std::optional<List> list = list_at(text_, start);
    const std::string_view cast = few ? "]::" : "])::";
    if (!list || !text_.substr(list->end).starts_with(cast)) return false;
    const std::size_t type = list->end + cast.size();
    const std::size_t end = after_type(text_, type);
    if (!text_.substr(end).starts_with(kAny)) return false;
    const std::string suffix = "::" + std::string(text_.substr(type, end - type));
    if (few) {
      if (!all_values(list->items)) return false;
      out_ += kArray;
      std::string_view separator;
      for (const std::string_view item : list->items) {
        out_.append(std::exchange(separator, ", ")).append(item).append(suffix);
      }
      out_ += ']';
    } else {
      out_ += cast_each(*list, suffix);
    }
    at_ = end + kAny.size();
    return true;
  }

  static bool all_values(const std::vector<std::string_view>& items) {
    return std::all_of(items.begin(), items.end(), [](std::string_view item) {
      const std::optional<Value> value = Speller(item).value_at(0);
      return value && value->end == item.size();
    });
  }

  static std::string cast_each(const List& list, const std::string& suffix) {
    std::string text(kArray);
    for (const std::string_view item : list.items) {
      if (text.size() > kArray.size()) text += ", ";
      std::optional<List> inner;
      if (item.starts_with(kArray)) inner = list_at(item, kArray.size());
      if (inner && inner->end + 1 == item.size()) {
        text += cast_each(*inner, suffix);
      } else {
        text.append("(").append(Speller(item).run()).append(")").append(suffix);
      }
    }
    return text + ']';
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string out_;
  std::vector<Level> levels_ = {{}};
};

}  // namespace

std::string spelt_as_restored(std::string_view text) {
  const bool as_it_is = text.find("(VALUES (") == text.npos && text.find(kArray) == text.npos &&
                        (text.find(" AS ") == text.npos || text.find("::") == text.npos);
  return as_it_is ? std::string(text) : Speller(text).run();
}

}  // namespace belay::catalog
