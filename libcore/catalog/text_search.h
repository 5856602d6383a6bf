// Text search: parsers, templates, dictionaries, configurations.
#pragma once

#include <string>
#include <vector>

#include "libcore/catalog/object.h"

namespace belay::catalog {

// Functions are quoted qualified names; empty: none. Parsers and templates have no owner.
struct TextSearchParser : Object {
  std::string start, token, end, headline, token_types;
};

struct TextSearchTemplate : Object {
  std::string init, lexize;
};

struct TextSearchDictionary : Object {
  std::string dictionary_template;  // quoted qualified name
  std::string options;              // as the server keeps them: SQL already; empty: none
};

struct TextSearchConfiguration : Object {
  std::string parser;  // quoted qualified name
  struct Mapping {
    std::string token;                      // the parser's alias of a token type
    std::vector<std::string> dictionaries;  // quoted qualified names, in the order of their trial
  };
  std::vector<Mapping> mappings;  // in the order of the parser's token types
};

}  // namespace belay::catalog
