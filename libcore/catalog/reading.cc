#include "libcore/catalog/reading.h"

#include <charconv>
#include <set>

#include "libcore/base/error.h"

namespace belay::catalog {

std::string_view bucket_name(Bucket bucket) {
  switch (bucket) {
    case Bucket::emitted:
      return "emitted";
    case Bucket::folded:
      return "folded";
    case Bucket::implied:
      return "implied";
    case Bucket::member:
      return "member";
    case Bucket::excluded:
      return "excluded";
    case Bucket::unsupported:
      return "unsupported";
  }
  throw Error(ErrorKind::internal, "unknown ledger bucket");
}

std::string required(const pg::Result& result, int row, int column, std::string_view what) {
  if (result.is_null(row, column)) {
    throw ConcurrentChange{std::string(what) + " is gone"};
  }
  return result.string(row, column);
}

std::string required_type(const pg::Result& result, int row, int column) {
  std::string type = required(result, row, column, "a type");
  if (type.starts_with("???")) throw ConcurrentChange{"a type is gone"};
  return type;
}

char letter(const pg::Result& result, int row, int column) {
  const std::string_view text = result.text(row, column);
  return text.empty() ? '\0' : text.front();
}

char Row::letter(std::string_view column) const {
  return catalog::letter(*result_, number_, at(column));
}

std::vector<std::string> Row::list(std::string_view column) const {
  return array_elements(result_->text(number_, at(column)));
}

namespace {

template <typename Number>
std::vector<Number> parse_numbers(std::string_view text) {
  if (text.starts_with('{') && text.ends_with('}')) text = text.substr(1, text.size() - 2);
  std::vector<Number> numbers;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    Number number{};
    const std::from_chars_result parsed = std::from_chars(at, end, number);
    const bool separated = parsed.ptr == end || *parsed.ptr == ',' || *parsed.ptr == ' ';
    if (parsed.ec != std::errc{} || !separated) {
      throw Error(ErrorKind::internal, "the server sent a value that is no list of numbers")
          .cause("\"" + std::string(text.substr(0, 100)) + "\"");
    }
    numbers.push_back(number);
    at = parsed.ptr == end ? end : parsed.ptr + 1;
  }
  return numbers;
}

}  // namespace

std::vector<Oid> Row::oids(std::string_view column) const {
  return parse_numbers<Oid>(result_->text(number_, at(column)));
}

std::vector<std::int64_t> Row::integers(std::string_view column) const {
  return parse_numbers<std::int64_t>(result_->text(number_, at(column)));
}

std::string Row::required(std::string_view column, std::string_view what) const {
  return catalog::required(*result_, number_, at(column), what);
}

std::string Row::type(std::string_view column) const {
  return required_type(*result_, number_, at(column));
}

std::vector<std::string> array_elements(std::string_view text) {
  std::vector<std::string> elements;
  if (text.size() < 2 || text.front() != '{') return elements;
  std::string element;
  bool quoted = false, was_quoted = false, started = false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\' && i + 1 < text.size()) {
        element += text[++i];
      } else if (c == '"') {
        quoted = false;
      } else {
        element += c;
      }
    } else if (c == '"') {
      quoted = was_quoted = started = true;
    } else if (c == ',' || c == '}') {
      if (started && (was_quoted || element != "NULL")) elements.push_back(element);
      element.clear();
      was_quoted = started = false;
      if (c == '}') break;
    } else {
      if (c == '\\' && i + 1 < text.size()) ++i;
      element += text[i];
      started = true;
    }
  }
  return elements;
}

namespace {

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const std::size_t length = lead >= 0xF5   ? 0
                               : lead >= 0xF0 ? 4
                               : lead >= 0xE0 ? 3
                               : lead >= 0xC2 ? 2
                                              : 0;
    if (length == 0 || i + length > text.size()) return false;
    for (std::size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      const unsigned char low = k > 1 ? 0x80 : lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
      const unsigned char high = k > 1 ? 0xBF : lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
      if (next < low || next > high) return false;
    }
    i += length;
  }
  return true;
}

void add_roles(std::set<std::string>& roles, const Acl& acl) {
  for (const AclItem& item : acl.current) {
    if (!item.grantee.empty()) roles.insert(item.grantee);
    if (!item.grantor.empty()) roles.insert(item.grantor);
  }
}

void add_roles(std::set<std::string>& roles, const Object& object) {
  if (!object.owner.empty()) roles.insert(object.owner);
  add_roles(roles, object.acl);
  for (const ColumnAcl& column : object.column_acls) add_roles(roles, column.acl);
}

}  // namespace

char Reading::code(const Row& row, std::string_view column, std::string_view known,
                   std::string_view place, const Object& object) {
  const char letter = row.letter(column);
  if (letter == 0 || known.find(letter) == std::string_view::npos) {
    refuse("unknown code", quote_name_pretty(object.name),
           "\"" + std::string(letter == 0 ? 0 : 1, letter) + "\" in " + std::string(place));
  }
  return letter;
}

void Reading::index_objects() {
  for_each_object(catalog, [this]<typename T>(T& object) {
    // Comments and privileges on members of extensions are the extension's, or SystemAcl's.
    if (is_member<T>) return;
    objects.try_emplace(object.address, &object);
    if constexpr (requires { object.columns.front().acl; }) {
      columns.try_emplace(object.address.objid, &object.columns);
    }
  });
  objects.try_emplace(catalog.database.address, &catalog.database);
}

void collect_roles(Catalog& catalog) {
  std::set<std::string> roles;
  add_roles(roles, catalog.database);
  for (const Database::Setting& setting : catalog.database.settings) roles.insert(setting.role);
  for_each_object(catalog, [&roles]<typename T>(const T& object) {
    add_roles(roles, object);
    if constexpr (requires { object.roles; }) {
      roles.insert(object.roles.begin(), object.roles.end());
    }
    if constexpr (requires { object.columns.front().acl; }) {
      for (const Column& column : object.columns) add_roles(roles, column.acl);
    }
  });
  roles.erase("");  // PUBLIC
  catalog.roles.assign(roles.begin(), roles.end());
}

void refuse_undecodable(Reading& reading) {
  if (reading.catalog.database.encoding != "SQL_ASCII") return;
  for (const auto& [query, result] : reading.results) {
    for (int row = 0; row < result.rows(); ++row) {
      for (int column = 0; column < result.columns(); ++column) {
        if (is_utf8(result.text(row, column))) continue;
        std::string identity;
        for (int other = 0; other < result.columns() && other < 4; ++other) {
          identity += (other ? " " : "") + result.string(row, other);
        }
        reading.refuse("text that is not UTF-8", printable(identity),
                       "in " + query + ": " + printable(result.string(row, column)).substr(0, 200));
        break;
      }
    }
  }
}

}  // namespace belay::catalog
