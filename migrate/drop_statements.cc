#include "migrate/drop_statements.h"

#include <algorithm>
#include <span>

namespace belay::migrate {
namespace {

constexpr std::size_t kMostStatements = 1000;
constexpr int kDeepest = 3;  // strings in the body of a DO in ...

struct Token {
  enum class Kind { word, quoted, string, symbol } kind = Kind::symbol;
  std::string text;  // a word is folded to lower case; of a string the contents

  bool is(std::string_view word) const { return kind == Kind::word && text == word; }
  bool is_symbol(char c) const { return kind == Kind::symbol && text.size() == 1 && text[0] == c; }
  bool is_name() const { return (kind == Kind::word || kind == Kind::quoted) && !text.empty(); }
};
using Tokens = std::span<const Token>;

bool begins_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool continues_word(char c) { return begins_word(c) || is_digit(c); }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Token> tokens() {
    while (skip_blanks()) read_token();
    return std::move(tokens_);
  }

 private:
  bool at(std::string_view what) const { return text_.substr(at_, what.size()) == what; }
  char peek(std::size_t ahead) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  // False: the text is at its end.
  bool skip_blanks() {
    while (at_ < text_.size()) {
      if (std::string_view(" \t\n\r\f\v").find(text_[at_]) != std::string_view::npos) {
        ++at_;
      } else if (at("--")) {
        at_ = std::min(text_.find_first_of("\n\r", at_), text_.size());
      } else if (at("/*")) {
        skip_comment();
      } else {
        return true;
      }
    }
    return false;
  }

  void skip_comment() {  // they nest
    int depth = 0;
    do {
      if (at("/*")) {
        ++depth;
        at_ += 2;
      } else if (at("*/")) {
        --depth;
        at_ += 2;
      } else {
        ++at_;
      }
    } while (depth > 0 && at_ < text_.size());
  }

  void read_token() {
    const char c = text_[at_];
    if (c == '\'') return read_quoted('\'', Token::Kind::string, false);
    if (c == '"') return read_quoted('"', Token::Kind::quoted, false);
    if (c == '$' && read_dollar_quoted()) return;
    if (begins_word(c)) return read_word();
    const std::size_t begin = at_++;
    if (is_digit(c) || (c == '$' && is_digit(peek(0)))) {
      while (continues_word(peek(0)) || peek(0) == '.') ++at_;
    }
    add(Token::Kind::symbol, std::string(text_.substr(begin, at_ - begin)));
  }

  void read_word() {
    const std::size_t begin = at_;
    while (continues_word(peek(0)) || peek(0) == '$') ++at_;
    std::string word(text_.substr(begin, at_ - begin));
    for (char& c : word) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    if (word == "e" && peek(0) == '\'') return read_quoted('\'', Token::Kind::string, true);
    // U&"..." with its escapes is not understood: no name, and so is what it stands in.
    if (word == "u" && peek(0) == '&' && peek(1) == '"') {
      ++at_;
      return read_quoted('"', Token::Kind::symbol, false);
    }
    add(Token::Kind::word, std::move(word));
  }

  void read_quoted(char quote, Token::Kind kind, bool backslashes) {
    std::string content;
    for (++at_; at_ < text_.size(); ++at_) {
      if (backslashes && text_[at_] == '\\' && at_ + 1 < text_.size()) {
        ++at_;  // what it stands for does not matter here
      } else if (text_[at_] == quote) {
        if (peek(1) != quote) break;
        ++at_;
      }
      content += text_[at_];
    }
    at_ = std::min(at_ + 1, text_.size());
    add(kind, std::move(content));
  }

  bool read_dollar_quoted() {
    std::size_t end = at_ + 1;
    if (end < text_.size() && begins_word(text_[end])) {
      while (end < text_.size() && continues_word(text_[end])) ++end;
    }
    if (end >= text_.size() || text_[end] != '$') return false;
    const std::string_view tag = text_.substr(at_, end + 1 - at_);
    const std::size_t begin = end + 1, close = std::min(text_.find(tag, begin), text_.size());
    add(Token::Kind::string, std::string(text_.substr(begin, close - begin)));
    at_ = std::min(close + tag.size(), text_.size());
    return true;
  }

  void add(Token::Kind kind, std::string text) { tokens_.push_back({kind, std::move(text)}); }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

class Reader {
 public:
  // `anywhere`: statements may stand in other words, as in the body of a DO.
  void read(std::string_view sql, bool anywhere, int depth);
  std::vector<DropStatement> found() { return std::move(found_); }

 private:
  bool take(std::string_view word) {
    if (tokens_.empty() || !tokens_.front().is(word)) return false;
    tokens_ = tokens_.subspan(1);
    return true;
  }
  bool take_symbol(char c) {
    if (tokens_.empty() || !tokens_.front().is_symbol(c)) return false;
    tokens_ = tokens_.subspan(1);
    return true;
  }
  void take_if_exists() {
    if (tokens_.size() > 1 && tokens_[0].is("if") && tokens_[1].is("exists")) {
      tokens_ = tokens_.subspan(2);
    }
  }
  bool take_name(std::string& name);
  bool take_table(DropStatement& statement);
  // They begin where `tokens_` does, which is not kept.
  void read_statement();
  void read_alter_table();
  void add(const DropStatement& statement);

  Tokens tokens_;
  std::vector<DropStatement> found_;
};

bool Reader::take_name(std::string& name) {
  if (tokens_.empty() || !tokens_.front().is_name()) return false;
  name = tokens_.front().text;
  tokens_ = tokens_.subspan(1);
  return true;
}

bool Reader::take_table(DropStatement& statement) {
  if (!take_name(statement.table)) return false;
  while (take_symbol('.')) {  // DATABASE.SCHEMA.TABLE is a name, too
    statement.schema = statement.table;
    if (!take_name(statement.table)) return false;
  }
  return true;
}

void Reader::add(const DropStatement& statement) {
  if (found_.size() >= kMostStatements) return;
  if (std::ranges::find(found_, statement) == found_.end()) found_.push_back(statement);
}

void Reader::read_alter_table() {
  DropStatement statement;
  take_if_exists();
  take("only");
  if (!take_table(statement)) return;
  take_symbol('*');
  while (!tokens_.empty() && !tokens_.front().is_symbol(';')) {
    if (take("drop") && !take("constraint")) {
      take("column");
      take_if_exists();
      if (take_name(statement.column)) add(statement);
    }
    // To the next action.
    int depth = 0;
    while (!tokens_.empty() && !tokens_.front().is_symbol(';')) {
      const Token& token = tokens_.front();
      tokens_ = tokens_.subspan(1);
      if (token.is_symbol('(')) ++depth;
      if (token.is_symbol(')')) --depth;
      if (depth <= 0 && token.is_symbol(',')) break;
    }
  }
}

void Reader::read_statement() {
  if (take("drop")) {
    if (!take("table")) return;
    take_if_exists();
    do {
      DropStatement statement;
      if (!take_table(statement)) return;
      add(statement);
    } while (take_symbol(','));
  } else if (take("alter")) {
    if (take("table")) read_alter_table();
  }
}

void Reader::read(std::string_view sql, bool anywhere, int depth) {
  const std::vector<Token> all = Lexer(sql).tokens();
  bool begins = true, in_do = false;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Token& token = all[i];
    if (token.is_symbol(';')) {
      begins = true;
      continue;
    }
    if (begins) in_do = token.is("do");
    if ((begins || anywhere) && token.kind == Token::Kind::word) {
      tokens_ = Tokens(all).subspan(i);
      read_statement();
      // What was read is not read again, or a long text would take for ever.
      i = std::max(i + 1, all.size() - tokens_.size()) - 1;
    } else if ((in_do || anywhere) && token.kind == Token::Kind::string && depth < kDeepest) {
      read(token.text, true, depth + 1);
    }
    begins = false;
  }
}

}  // namespace

std::vector<DropStatement> read_drop_statements(std::string_view sql) {
  Reader reader;
  reader.read(sql, false, 0);
  return reader.found();
}

}  // namespace belay::migrate
