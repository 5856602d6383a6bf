// Reads the module-level assignments of a revision file as far as they are literal, without Python.
#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "migrate/revision_graph.h"

namespace belay::migrate {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"revision", "down_revision", "branch_labels",
                                                    "depends_on"};

bool name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         (static_cast<unsigned char>(c) & 0x80) != 0;
}
bool name_char(char c) { return name_start(c) || (c >= '0' && c <= '9'); }

struct Token {
  enum class Type { name, text, other_text, symbol, end_of_line, end } type = Type::end;
  std::string value;  // of text: its contents; other_text is one that is not a plain literal
  std::size_t column = 0;
  bool first = false;  // of its logical line
};

// Python's tokens as far as they matter: a logical line ends at a newline outside brackets.
class Tokens {
 public:
  explicit Tokens(std::string_view source) : source_(source) {
    if (source_.starts_with("\xef\xbb\xbf")) at_ = line_ = 3;
  }

  Token next() {
    skip_blanks();
    Token token;
    token.column = at_ - line_;
    token.first = std::exchange(first_, false);
    if (at_ >= source_.size()) return token;
    const char c = source_[at_];
    if (c == '\n') {
      ++at_;
      line_ = at_;
      first_ = true;
      token.type = Token::Type::end_of_line;
    } else if (c == '"' || c == '\'') {
      read_text(token, "");
    } else if (name_start(c)) {
      const std::size_t begin = at_;
      while (at_ < source_.size() && name_char(source_[at_])) ++at_;
      token.value = source_.substr(begin, at_ - begin);
      const bool quoted = at_ < source_.size() && (source_[at_] == '"' || source_[at_] == '\'');
      if (quoted && token.value.size() <= 2) {
        read_text(token, std::string(token.value));
      } else {
        token.type = Token::Type::name;
      }
    } else {
      if (c == '(' || c == '[' || c == '{') ++depth_;
      if ((c == ')' || c == ']' || c == '}') && depth_ > 0) --depth_;
      token.type = Token::Type::symbol;
      token.value = source_.substr(at_++, 1);
    }
    return token;
  }

 private:
  void skip_blanks() {
    while (at_ < source_.size()) {
      const char c = source_[at_];
      if (c == '#') {
        while (at_ < source_.size() && source_[at_] != '\n') ++at_;
      } else if (c == '\\' && next_is_newline()) {
        at_ = source_.find('\n', at_) + 1;
      } else if (c == '\n' && (depth_ > 0 || first_)) {
        ++at_;
        line_ = at_;
      } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f') {
        ++at_;
      } else {
        return;
      }
    }
  }

  bool next_is_newline() const {
    const std::string_view rest = source_.substr(at_ + 1);
    return rest.starts_with("\n") || rest.starts_with("\r\n");
  }

  void read_text(Token& token, std::string prefix) {
    for (char& c : prefix) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool raw = prefix == "r";
    bool plain = prefix.empty() || raw || prefix == "u";
    const char quote = source_[at_];
    const std::string three(3, quote);
    const bool triple = source_.substr(at_).starts_with(three);
    const std::string_view end = triple ? std::string_view(three) : source_.substr(at_, 1);
    at_ += end.size();
    token.value.clear();
    while (at_ < source_.size() && !source_.substr(at_).starts_with(end)) {
      if (source_[at_] == '\n' && !triple) plain = false;  // not Python
      if (source_[at_] == '\n') line_ = at_ + 1;
      if (source_[at_] == '\\' && at_ + 1 < source_.size()) {
        plain = plain && raw;
        token.value += source_[at_++];
      }
      token.value += source_[at_++];
    }
    if (at_ >= source_.size()) plain = false;
    at_ = std::min(source_.size(), at_ + end.size());
    token.type = plain ? Token::Type::text : Token::Type::other_text;
  }

  std::string_view source_;
  std::size_t at_ = 0, line_ = 0;
  int depth_ = 0;
  bool first_ = true;
};

// None gives an empty list, a text a list of one.
using Value = std::optional<std::vector<std::string>>;

class Parser {
 public:
  explicit Parser(std::string_view source) : tokens_(source) { advance(); }

  // Every assignment of kNames; nothing if one of them is not literal, or not at module level.
  std::optional<std::map<std::string, std::vector<std::string>>> assignments() {
    std::map<std::string, std::vector<std::string>> found;
    while (token_.type != Token::Type::end) {
      const bool candidate = token_.first && token_.type == Token::Type::name && is_known();
      if (!candidate) {
        advance();
        continue;
      }
      const std::string name = token_.value;
      const bool top = token_.column == 0;
      advance();
      if (!skip_annotation()) continue;  // used, not assigned
      if (!top) return std::nullopt;
      const Value value = read_value();
      if (!value) return std::nullopt;
      found[name] = *value;
    }
    return found;
  }

 private:
  void advance() { token_ = tokens_.next(); }
  bool symbol(std::string_view value) const {
    return token_.type == Token::Type::symbol && token_.value == value;
  }
  bool is_known() const {
    return std::find(kNames.begin(), kNames.end(), token_.value) != kNames.end();
  }
  bool line_ended() const {
    return token_.type == Token::Type::end_of_line || token_.type == Token::Type::end;
  }

  // ": Union[str, None] =" or "="; false if the line is no assignment.
  bool skip_annotation() {
    if (symbol(":")) {
      while (!line_ended() && !symbol("=")) advance();
    }
    if (!symbol("=")) return false;
    advance();
    return true;
  }

  Value read_value() {
    Value value = read_item(0);
    if (!value) return std::nullopt;
    if (symbol(",")) {  // a tuple without parentheses
      while (symbol(",")) {
        advance();
        if (line_ended()) break;
        const Value more = read_item(0);
        if (!more) return std::nullopt;
        value->insert(value->end(), more->begin(), more->end());
      }
    }
    return line_ended() ? value : std::nullopt;
  }

  Value read_item(int depth) {
    if (token_.type == Token::Type::name && token_.value == "None") {
      advance();
      return std::vector<std::string>{};
    }
    if (token_.type == Token::Type::text) {
      std::string text;
      while (token_.type == Token::Type::text) {
        text += token_.value;
        advance();
      }
      return std::vector<std::string>{text};
    }
    if ((symbol("(") || symbol("[") || symbol("{")) && depth < 4) return read_list(depth);
    return std::nullopt;
  }

  Value read_list(int depth) {
    const std::string end = token_.value == "(" ? ")" : token_.value == "[" ? "]" : "}";
    advance();
    std::vector<std::string> items;
    while (!symbol(end)) {
      const Value item = read_item(depth + 1);
      if (!item) return std::nullopt;
      items.insert(items.end(), item->begin(), item->end());
      if (symbol(",")) {
        advance();
      } else if (!symbol(end)) {
        return std::nullopt;
      }
    }
    advance();
    return items;
  }

  Tokens tokens_;
  Token token_;
};

}  // namespace

std::optional<Revision> parse_revision(std::string_view python) {
  const auto found = Parser(python).assignments();
  if (!found || !found->contains("revision") || !found->contains("down_revision")) {
    return std::nullopt;
  }
  const std::vector<std::string>& id = found->at("revision");
  if (id.size() != 1 || id.front().empty()) return std::nullopt;
  Revision revision;
  revision.id = id.front();
  revision.down = found->at("down_revision");
  if (found->contains("branch_labels")) revision.labels = found->at("branch_labels");
  if (found->contains("depends_on")) revision.depends_on = found->at("depends_on");
  return revision;
}

}  // namespace belay::migrate
