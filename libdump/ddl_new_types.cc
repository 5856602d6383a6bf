// Types that the user makes from functions: shells, base types, ranges.
#include "libcore/base/error.h"
#include "libdump/ddl_render.h"

namespace belay::dump {

using archive::Entry;
using catalog::Part;

namespace {

void add_properties(const Lookup& lookup, Entry& entry, const std::string& target,
                    const catalog::Object& type) {
  add_owner(entry, target, type);
  add_comment(entry, target, type);
  add_grants(lookup, entry, type, Grantable::type, target);
}

// For its own functions; it becomes the type later, whose owner it must not have before.
void render_placeholder(const std::string& target, Entry& entry) {
  entry.kind = "type placeholder";
  entry.create.push_back("CREATE " + target);
}

std::string_view alignment_word(const catalog::BaseType& type) {
  switch (type.alignment) {
    case 'c':
      return "char";
    case 's':
      return "int2";
    case 'i':
      return "int4";
    case 'd':
      return "double";
    default:
      throw Error(ErrorKind::internal, "unknown alignment of a type")
          .object(quote_name_pretty(type.name));
  }
}

std::string_view storage_word(const catalog::BaseType& type) {
  switch (type.storage) {
    case 'p':
      return "plain";
    case 'e':
      return "external";
    case 'x':
      return "extended";
    case 'm':
      return "main";
    default:
      throw Error(ErrorKind::internal, "unknown storage of a type")
          .object(quote_name_pretty(type.name));
  }
}

std::string in_parentheses(const std::vector<std::string>& clauses) {
  return " (\n    " + joined(clauses, ",\n    ") + "\n)";
}

}  // namespace

void render(const Lookup& lookup, const catalog::ShellType& type, Entry& entry) {
  const std::string target = "TYPE " + quote_name_pretty(type.name);
  entry.create.push_back("CREATE " + target);
  add_properties(lookup, entry, target, type);
}

void render(const Lookup& lookup, const catalog::BaseType& type, Part part, Entry& entry) {
  const std::string target = "TYPE " + quote_name_pretty(type.name);
  if (part == Part::placeholder) return render_placeholder(target, entry);
  std::vector<std::string> clauses = type.functions;
  clauses.push_back("INTERNALLENGTH = " +
                    (type.length < 0 ? std::string("VARIABLE") : std::to_string(type.length)));
  if (type.by_value) clauses.emplace_back("PASSEDBYVALUE");
  clauses.push_back("ALIGNMENT = " + std::string(alignment_word(type)));
  clauses.push_back("STORAGE = " + std::string(storage_word(type)));
  if (type.category != "U") clauses.push_back("CATEGORY = " + quote_literal(type.category));
  if (type.preferred) clauses.emplace_back("PREFERRED = true");
  if (type.default_value) clauses.push_back("DEFAULT = " + *type.default_value);
  if (!type.element.empty()) clauses.push_back("ELEMENT = " + type.element);
  if (type.delimiter != ",") clauses.push_back("DELIMITER = " + quote_literal(type.delimiter));
  if (type.collatable) clauses.emplace_back("COLLATABLE = true");
  entry.create.push_back("CREATE " + target + in_parentheses(clauses));
  add_properties(lookup, entry, target, type);
}

void render(const Lookup& lookup, const catalog::RangeType& type, Part part, Entry& entry) {
  const std::string target = "TYPE " + quote_name_pretty(type.name);
  if (part == Part::placeholder) return render_placeholder(target, entry);
  std::vector<std::string> clauses{"SUBTYPE = " + type.subtype};
  const auto add = [&clauses](std::string_view word, const std::string& value) {
    if (!value.empty()) clauses.push_back(std::string(word) + " = " + value);
  };
  add("SUBTYPE_OPCLASS", type.operator_class);
  add("COLLATION", type.collation);
  add("CANONICAL", type.canonical);
  add("SUBTYPE_DIFF", type.subtype_diff);
  add("MULTIRANGE_TYPE_NAME", type.multirange);
  entry.create.push_back("CREATE " + target + " AS RANGE" + in_parentheses(clauses));
  for (const catalog::RangeConstructor& function : type.constructors) {
    const std::string arguments = '(' + function.arguments + ')';
    QualifiedName name = function.made;
    if (name.schema != function.name.schema) {
      entry.create.push_back("ALTER FUNCTION " + quote_name_pretty(name) + arguments +
                             " SET SCHEMA " + quote_identifier_pretty(function.name.schema));
      name.schema = function.name.schema;
    }
    if (name.name != function.name.name) {
      entry.create.push_back("ALTER FUNCTION " + quote_name_pretty(name) + arguments +
                             " RENAME TO " + quote_identifier_pretty(function.name.name));
    }
  }
  add_properties(lookup, entry, target, type);
}

}  // namespace belay::dump
