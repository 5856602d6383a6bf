#include "libcore/pg/sqlalchemy_url.h"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <utility>

#include "libcore/base/error.h"

namespace belay::pg {
namespace {

[[noreturn]] void refuse(std::string_view cause) {
  throw Error(ErrorKind::usage, "not a database URL that can be read")
      .cause(cause)
      .next("write postgresql://user@host:port/database with special characters as %XX");
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// As Python's unquote(): a percent sign that starts no escape stands for itself.
std::string decode(std::string_view text, bool plus_is_space = false) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
        hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else {
      out += text[i];
    }
  }
  if (out.find('\0') != std::string::npos) refuse("it holds a NUL byte (%00)");
  return out;
}

// "a" up to the first separator; the rest stays in `text`.
std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t at = std::min(text.find(separator), text.size());
  const std::string_view head = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return head;
}

const std::set<std::string, std::less<>>& libpq_keywords() {
  static const std::set<std::string, std::less<>> keywords = [] {
    std::set<std::string, std::less<>> names;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconndefaults(),
                                                                               &PQconninfoFree);
    if (!options) throw Error(ErrorKind::internal, "libpq does not list its keywords");
    for (const PQconninfoOption* option = options.get(); option->keyword; ++option) {
      names.insert(option->keyword);
    }
    return names;
  }();
  return keywords;
}

// asyncpg's ssl. Never weaker than what was asked for: what is not understood is refused.
std::string ssl_mode(std::string_view value) {
  static constexpr std::array kModes{"disable", "allow",     "prefer",
                                     "require", "verify-ca", "verify-full"};
  std::string lower(value);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (std::ranges::find(kModes, lower) != kModes.end()) return lower;
  if (lower == "true" || lower == "1" || lower == "on" || lower == "yes") return "require";
  if (lower == "false" || lower == "0" || lower == "off" || lower == "no") return "disable";
  refuse("its ssl= is neither true, false nor one of libpq's sslmode values");
}

// "host", "host:port", "[::1]:port" or a socket directory.
std::pair<std::string, std::string> split_host(const std::string& text) {
  if (text.starts_with('/') || text.starts_with('@')) return {text, ""};
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string::npos) refuse("a [ of an IPv6 address is not closed");
    const std::string rest = text.substr(end + 1);
    if (!rest.empty() && rest.front() != ':')
      refuse("after the ] of an IPv6 address comes a :port");
    return {text.substr(1, end - 1), rest.empty() ? "" : rest.substr(1)};
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || text.find(':', colon + 1) != std::string::npos) {
    return {text, ""};
  }
  return {text.substr(0, colon), text.substr(colon + 1)};
}

// Several hosts are several host= keys, each with its own :port; libpq wants two lists.
void add_host(std::map<std::string, std::string>& keywords, const std::string& value, bool first) {
  const auto [host, port] = split_host(value);
  if (first) {
    keywords["host"] = host;
    if (!port.empty()) keywords["port"] = port;
    return;
  }
  keywords["host"] += "," + host;
  keywords["port"] += "," + port;
}

void read_query(std::string_view query, SqlalchemyUrl& url) {
  bool first_host = true;
  std::string ssl;
  while (!query.empty()) {
    std::string_view item = take_until(query, '&');
    if (item.empty()) continue;
    const std::string key = decode(take_until(item, '='), true);
    const std::string value = decode(item, true);
    if (key == "host") {
      add_host(url.keywords, value, std::exchange(first_host, false));
    } else if (key == "ssl") {
      ssl = ssl_mode(value);
    } else if (key == "unix_sock") {  // of pg8000: the socket itself
      const std::size_t file = value.rfind("/.s.PGSQL.");
      if (file == std::string::npos) refuse("its unix_sock= does not end in /.s.PGSQL.PORT");
      url.keywords["host"] = value.substr(0, file);
      url.keywords["port"] = value.substr(file + std::string_view("/.s.PGSQL.").size());
    } else if (key == "database") {
      url.keywords["dbname"] = value;
    } else if (libpq_keywords().contains(key)) {
      url.keywords[key] = value;
    } else {
      url.warnings.push_back("the URL's \"" + key + "\" belongs to its driver and is not used");
    }
  }
  if (!ssl.empty()) url.keywords.emplace("sslmode", ssl);  // an explicit sslmode wins
}

}  // namespace

bool is_sqlalchemy_url(std::string_view text) {
  const std::size_t end = text.find("://");
  if (end == std::string_view::npos) return false;
  const std::string_view scheme = text.substr(0, end);
  return scheme.starts_with("postgresql+") || scheme.starts_with("postgres+");
}

SqlalchemyUrl parse_sqlalchemy_url(std::string_view text) {
  SqlalchemyUrl url;
  std::string_view rest = text.substr(text.find("://") + 3);

  // A user name holds neither : nor /, a password no @ (they are written as %XX).
  if (const std::size_t at = rest.find('@'); at != std::string_view::npos) {
    std::string_view login = rest.substr(0, at);
    const bool has_password = login.find(':') != std::string_view::npos;
    const std::string_view user = login.substr(0, login.find(':'));
    if (user.find('/') == std::string_view::npos) {
      if (!user.empty()) url.keywords["user"] = decode(user);
      if (has_password) url.keywords["password"] = decode(login.substr(user.size() + 1));
      rest.remove_prefix(at + 1);
    }
  }
  const std::size_t query_at = std::min(rest.find('?'), rest.size());
  std::string_view query = rest.substr(query_at);
  rest = rest.substr(0, query_at);
  const std::string host(take_until(rest, '/'));
  if (host.find('@') != std::string::npos) refuse("an @ in a password is written as %40");
  if (!host.empty()) {
    const auto [name, port] = split_host(decode(host));
    if (!name.empty()) url.keywords["host"] = name;
    if (!port.empty()) url.keywords["port"] = port;
  }
  if (!rest.empty()) url.keywords["dbname"] = decode(rest);
  if (!query.empty()) read_query(query.substr(1), url);
  return url;
}

}  // namespace belay::pg
