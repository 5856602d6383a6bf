// Names as people write them to choose objects: psql's patterns.
#pragma once

#include <string>
#include <string_view>

#include "libcore/base/name.h"

namespace belay {

// * is any text and ? one character, a dot parts schema and name, letters are folded to lower case
// as in SQL; within double quotes every character stands for itself. psql's other regular
// expression letters are refused rather than taken for something else.
class NamePattern {
 public:
  // Throws Error{usage} that names the pattern.
  static NamePattern of_schema(std::string_view text);    // one part
  static NamePattern of_relation(std::string_view text);  // NAME, or SCHEMA.NAME

  // Of a relation: a pattern without a schema matches in every schema.
  bool matches(const QualifiedName& name) const;
  bool matches_schema(std::string_view schema) const;
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  bool has_schema_ = false;
  std::string schema_, name_;  // * ? and, behind a backslash, what stands for itself
};

}  // namespace belay
