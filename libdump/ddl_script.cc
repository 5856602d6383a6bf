// The schema as one script for psql.
#include <algorithm>
#include <string_view>

#include "libcore/base/error.h"
#include "libdump/ddl.h"

namespace belay::dump {

using archive::Entry;

namespace {

bool in_identifier(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

// Just as much of psql's lexer as is needed to see a statement's ends.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  // True if psql reads the statement as one, to its end, and finds no command of its own in it.
  bool is_one_statement() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      const bool word_before = at_ > 0 && in_identifier(text_[at_ - 1]);
      if (c == '\\') return false;
      if (c == '\'') {
        if (!skip_quoted('\'', escapes_here())) return false;
      } else if (c == '"') {
        if (!skip_quoted('"', false)) return false;
      } else if (c == '$' && !word_before) {
        if (!skip_dollar()) return false;
      } else if (text_.substr(at_, 2) == "--") {
        at_ = text_.find('\n', at_);
        if (at_ == std::string_view::npos) return false;  // it would swallow the semicolon
      } else if (text_.substr(at_, 2) == "/*") {
        if (!skip_comment()) return false;
      } else {
        ++at_;
      }
    }
    return true;
  }

 private:
  // E'...' knows backslashes; '...' does not, as standard_conforming_strings is on.
  bool escapes_here() const {
    return at_ > 0 && (text_[at_ - 1] == 'E' || text_[at_ - 1] == 'e') &&
           (at_ < 2 || !in_identifier(text_[at_ - 2]));
  }

  bool skip_quoted(char quote, bool escapes) {
    for (++at_; at_ < text_.size(); ++at_) {
      if (escapes && text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == quote) {
        ++at_;
        if (at_ >= text_.size() || text_[at_] != quote) return true;
      }
    }
    return false;
  }

  bool skip_dollar() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && in_identifier(text_[end]) && text_[end] != '$') ++end;
    const bool parameter = at_ + 1 < text_.size() && text_[at_ + 1] >= '0' && text_[at_ + 1] <= '9';
    if (parameter || end >= text_.size() || text_[end] != '$') {
      ++at_;
      return true;
    }
    const std::string_view tag = text_.substr(at_, end + 1 - at_);
    const std::size_t close = text_.find(tag, end + 1);
    if (close == std::string_view::npos) return false;
    at_ = close + tag.size();
    return true;
  }

  bool skip_comment() {
    int depth = 0;
    while (at_ < text_.size()) {
      if (text_.substr(at_, 2) == "/*") {
        ++depth;
        at_ += 2;
      } else if (text_.substr(at_, 2) == "*/") {
        at_ += 2;
        if (--depth == 0) return true;
      } else {
        ++at_;
      }
    }
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// Text for a comment line, which only a line break could end.
std::string printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return text;
}

std::string title(const Entry& entry) {
  const std::string name = entry.schema.empty() ? entry.name : entry.schema + '.' + entry.name;
  return entry.kind + ' ' + name;
}

class Script {
 public:
  void heading(std::string_view text) { text_ += "\n--\n-- " + std::string(text) + "\n--\n"; }
  void begin(const Entry& entry) { text_ += "\n-- " + printable(title(entry)) + '\n'; }

  void statement(const Entry& entry, const std::string& sql) {
    if (!Scanner(sql).is_one_statement()) {
      throw Error(ErrorKind::damaged,
                  "a definition would make psql run something else than this statement")
          .object(title(entry))
          .next("use the archive, which does not go through psql");
    }
    text_.append(sql).append(";\n");
  }
  void statements(const Entry& entry, const std::vector<std::string>& list) {
    for (const std::string& sql : list) statement(entry, sql);
  }
  void line(std::string_view text) { text_ += std::string(text) + '\n'; }

  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

constexpr std::string_view kSettings[] = {
    "SET statement_timeout = 0;",
    "SET lock_timeout = 0;",
    "SET idle_in_transaction_session_timeout = 0;",
    "SET standard_conforming_strings = on;",
    "SELECT pg_catalog.set_config('search_path', '', false);",
    "SET check_function_bodies = off;",
    "SET xmloption = content;",
    "SET client_min_messages = warning;",
    "SET row_security = off;",
    "SET default_transaction_read_only = off;",
    "SET default_tablespace = '';",
    "SET default_table_access_method = heap;",
};

void add_object(Script& script, const Entry& entry) {
  script.begin(entry);
  if (!entry.tablespace.empty()) {
    script.statement(entry, "SET default_tablespace = " + quote_literal(entry.tablespace));
  }
  script.statements(entry, entry.create);
  if (!entry.tablespace.empty()) script.statement(entry, "SET default_tablespace = ''");
  script.statements(entry, entry.set_owner);
  script.statements(entry, entry.comment);
  script.statements(entry, entry.label);
}

void add_objects(Script& script, const std::vector<Entry>& entries, archive::Section section) {
  for (const Entry& entry : entries) {
    if (entry.section != section || entry.last) continue;
    const bool anything = !entry.create.empty() || !entry.set_owner.empty() ||
                          !entry.comment.empty() || !entry.label.empty();
    if (anything) add_object(script, entry);  // nothing: schema public, untouched
  }
}

void add_privileges(Script& script, const Entry& entry) {
  script.begin(entry);
  for (std::size_t i = 0; i < entry.acl.size(); ++i) {
    const std::string role = i < entry.acl_run_as.size() ? entry.acl_run_as[i] : std::string();
    if (!role.empty()) {
      script.statement(entry, "SET SESSION AUTHORIZATION " + quote_identifier_pretty(role));
    }
    script.statement(entry, entry.acl[i]);
    if (!role.empty()) script.statement(entry, "RESET SESSION AUTHORIZATION");
  }
}

bool any(const std::vector<Entry>& entries, bool (*wanted)(const Entry&)) {
  return std::any_of(entries.begin(), entries.end(), wanted);
}

void begin(Script& script, const archive::DatabaseProperties& database,
           const std::vector<Entry>& entries) {
  script.line("-- Schema of a PostgreSQL database, written by belay.");
  script.line("");
  // Bytes that no encoding explains stay bytes.
  script.line(database.encoding == "SQL_ASCII" ? "SET client_encoding = 'SQL_ASCII';"
                                               : "SET client_encoding = 'UTF8';");
  for (const std::string_view setting : kSettings) script.line(setting);

  script.heading("Definitions that come before the data");
  add_objects(script, entries, archive::Section::pre_data);
}

// `data`: privileges of large objects, too.
void end(Script& script, const std::vector<Entry>& entries, bool data) {
  if (any(entries, [](const Entry& entry) {
        return entry.section == archive::Section::post_data && !entry.last;
      })) {
    script.heading("Definitions that come after the data");
    add_objects(script, entries, archive::Section::post_data);
  }
  const auto has_privileges = [data](const Entry& entry) {
    return !entry.acl.empty() && (data || entry.section != archive::Section::data);
  };
  if (std::any_of(entries.begin(), entries.end(), has_privileges)) {
    script.heading("Privileges");
    for (const Entry& entry : entries) {
      if (has_privileges(entry)) add_privileges(script, entry);
    }
  }
  if (any(entries, [](const Entry& entry) { return entry.last; })) {
    script.heading("Last");
    for (const Entry& entry : entries) {
      if (entry.last) add_object(script, entry);
    }
  }
}

// The end of the string literal that begins at `at`.
std::size_t end_of_literal(std::string_view sql, std::size_t at) {
  const bool escapes = sql[at] == 'E';
  for (at = sql.find('\'', at) + 1; at < sql.size(); ++at) {
    if (escapes && sql[at] == '\\') {
      ++at;
    } else if (sql[at] == '\'' && sql.substr(at + 1, 1) == "'") {
      ++at;
    } else if (sql[at] == '\'') {
      return at + 1;
    }
  }
  return sql.size();
}

// How a subscription connects.
void hide_connection(Entry& entry) {
  const std::string start =
      "CREATE SUBSCRIPTION " + quote_identifier_pretty(entry.name) + " CONNECTION ";
  std::string& create = entry.create.front();
  if (!create.starts_with(start)) return;
  create.replace(start.size(), end_of_literal(create, start.size()) - start.size(),
                 "'host=not_shown'");
}

// The options of a user mapping: its statement holds no other literals.
void hide_literals(std::string& sql) {
  for (std::size_t at = 0; at < sql.size(); ++at) {
    if (sql[at] == '"') {  // a doubled one ends a name, and begins the rest of it
      at = std::min(sql.find('"', at + 1), sql.size());
    } else if (sql[at] == '\'' || std::string_view(sql).substr(at, 2) == "E'") {
      const std::string_view shown = "'not_shown'";
      sql.replace(at, end_of_literal(sql, at) - at, shown);
      at += shown.size() - 1;
    }
  }
}

// A person reads the script, and what connects elsewhere may be a secret.
bool holds_secrets(const Entry& entry) {
  return !entry.create.empty() && (entry.kind == "subscription" || entry.kind == "user mapping");
}

void hide_secrets(Entry& entry) {
  if (!holds_secrets(entry)) return;
  if (entry.kind == "subscription") {
    hide_connection(entry);
  } else {
    hide_literals(entry.create.front());
  }
}

std::string render_whole(const archive::DatabaseProperties& database,
                         const std::vector<Entry>& entries) {
  Script script;
  begin(script, database, entries);
  end(script, entries, false);
  return script.take();
}

}  // namespace

std::string render_script(const archive::DatabaseProperties& database,
                          const std::vector<Entry>& entries) {
  if (!any(entries, holds_secrets)) return render_whole(database, entries);
  std::vector<Entry> shown = entries;
  for (Entry& entry : shown) hide_secrets(entry);
  return render_whole(database, shown);
}

std::pair<std::string, std::string> render_script_halves(
    const archive::DatabaseProperties& database, const std::vector<Entry>& entries) {
  Script before, after;
  begin(before, database, entries);
  if (any(entries, [](const Entry& entry) { return entry.section == archive::Section::data; })) {
    before.heading("Large objects");
    add_objects(before, entries, archive::Section::data);
  }
  end(after, entries, true);
  return {before.take(), after.take()};
}

}  // namespace belay::dump
