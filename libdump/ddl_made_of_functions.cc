// What is made of functions: languages, transforms, aggregates, casts, operators, their families
// and classes, access methods, conversions.
#include "libcore/base/error.h"
#include "libdump/ddl_render.h"

namespace belay::dump {

using archive::Entry;

namespace {

// Operators are never quoted.
std::string operator_name(const catalog::Operator& op) {
  return quote_identifier_pretty(op.name.schema) + '.' + op.name.name;
}

std::string indented(const std::vector<std::string>& clauses) {
  std::string text;
  for (const std::string& clause : clauses) text += (text.empty() ? "\n    " : ",\n    ") + clause;
  return text;
}

void add_clause(std::vector<std::string>& clauses, std::string_view word,
                const std::string& value) {
  if (!value.empty()) clauses.push_back(std::string(word) + " = " + value);
}

std::string family_target(const QualifiedName& name, const std::string& access_method) {
  return quote_name_pretty(name) + " USING " + quote_identifier_pretty(access_method);
}

}  // namespace

void render(const Lookup&, const catalog::AccessMethod& method, Entry& entry) {
  const std::string target = "ACCESS METHOD " + quote_identifier_pretty(method.name.name);
  std::string type;
  switch (method.type) {
    case 'i':
      type = "INDEX";
      break;
    case 't':
      type = "TABLE";
      break;
    default:
      throw Error(ErrorKind::internal, "unknown type of an access method").object(target);
  }
  entry.create.push_back("CREATE " + target + " TYPE " + type + " HANDLER " + method.handler);
  add_comment(entry, target, method);
}

void render(const Lookup& lookup, const catalog::Aggregate& aggregate, Entry& entry) {
  const std::string name = quote_name_pretty(aggregate.name);
  const auto signature = [&](const std::string& arguments) {
    return name + '(' + (arguments.empty() ? "*" : arguments) + ')';
  };
  std::vector<std::string> clauses = aggregate.clauses;
  if (aggregate.kind == 'h') clauses.emplace_back("HYPOTHETICAL");
  if (aggregate.parallel == 's') clauses.emplace_back("PARALLEL = SAFE");
  if (aggregate.parallel == 'r') clauses.emplace_back("PARALLEL = RESTRICTED");
  entry.create.push_back("CREATE AGGREGATE " + signature(aggregate.arguments) + " (" +
                         indented(clauses) + "\n)");
  const std::string target = "AGGREGATE " + signature(aggregate.identity_arguments);
  add_owner(entry, target, aggregate);
  add_comment(entry, target, aggregate);
  // There is no GRANT ON AGGREGATE.
  add_grants(lookup, entry, aggregate, Grantable::function,
             "FUNCTION " + name + '(' + aggregate.argument_types + ')');
}

void render(const Lookup&, const catalog::Cast& cast, Entry& entry) {
  const std::string target = "CAST " + cast.name.name;
  std::string create = "CREATE " + target;
  switch (cast.method) {
    case 'f':
      create += " WITH FUNCTION " + cast.function;
      break;
    case 'i':
      create += " WITH INOUT";
      break;
    case 'b':
      create += " WITHOUT FUNCTION";
      break;
    default:
      throw Error(ErrorKind::internal, "unknown method of a cast").object(target);
  }
  if (cast.context == 'a') create += " AS ASSIGNMENT";
  if (cast.context == 'i') create += " AS IMPLICIT";
  entry.create.push_back(std::move(create));
  add_comment(entry, target, cast);
}

void render(const Lookup&, const catalog::Conversion& conversion, Entry& entry) {
  const std::string target = "CONVERSION " + quote_name_pretty(conversion.name);
  entry.create.push_back(std::string("CREATE ") + (conversion.is_default ? "DEFAULT " : "") +
                         target + " FOR " + quote_literal(conversion.from) + " TO " +
                         quote_literal(conversion.to) + " FROM " + conversion.function);
  add_owner(entry, target, conversion);
  add_comment(entry, target, conversion);
}

void render(const Lookup& lookup, const catalog::Language& language, Entry& entry) {
  const std::string target = "LANGUAGE " + quote_identifier_pretty(language.name.name);
  std::string create = language.trusted ? "CREATE TRUSTED " : "CREATE ";
  create += target + " HANDLER " + language.handler;
  if (!language.inliner.empty()) create += " INLINE " + language.inliner;
  if (!language.validator.empty()) create += " VALIDATOR " + language.validator;
  entry.create.push_back(std::move(create));
  add_owner(entry, target, language);
  add_comment(entry, target, language);
  // The server takes no GRANT on others.
  if (language.trusted) add_grants(lookup, entry, language, Grantable::language, target);
}

void render(const Lookup&, const catalog::Operator& op, Entry& entry) {
  std::vector<std::string> clauses;
  add_clause(clauses, "FUNCTION", op.function);
  add_clause(clauses, "LEFTARG", op.left);
  add_clause(clauses, "RIGHTARG", op.right);
  add_clause(clauses, "COMMUTATOR", op.commutator);
  add_clause(clauses, "NEGATOR", op.negator);
  add_clause(clauses, "RESTRICT", op.restrict_function);
  add_clause(clauses, "JOIN", op.join_function);
  if (op.hashes) clauses.emplace_back("HASHES");
  if (op.merges) clauses.emplace_back("MERGES");
  entry.create.push_back("CREATE OPERATOR " + operator_name(op) + " (" + indented(clauses) + "\n)");
  const std::string target = "OPERATOR " + operator_name(op) + " (" + op.identity_arguments + ')';
  add_owner(entry, target, op);
  add_comment(entry, target, op);
}

void render(const Lookup&, const catalog::OperatorClass& op_class, Entry& entry) {
  const std::string target =
      "OPERATOR CLASS " + family_target(op_class.name, op_class.access_method);
  std::vector<std::string> members = op_class.members;
  // One without members needs something to say.
  if (!op_class.storage.empty() || members.empty()) {
    members.insert(members.begin(),
                   "STORAGE " + (op_class.storage.empty() ? op_class.type : op_class.storage));
  }
  entry.create.push_back("CREATE OPERATOR CLASS " + quote_name_pretty(op_class.name) +
                         (op_class.is_default ? " DEFAULT" : "") + " FOR TYPE " + op_class.type +
                         " USING " + quote_identifier_pretty(op_class.access_method) + " FAMILY " +
                         op_class.family + " AS" + indented(members));
  add_owner(entry, target, op_class);
  add_comment(entry, target, op_class);
}

void render(const Lookup&, const catalog::OperatorFamily& family, Entry& entry) {
  const std::string target = "OPERATOR FAMILY " + family_target(family.name, family.access_method);
  entry.create.push_back("CREATE " + target);
  if (!family.members.empty()) {
    entry.create.push_back("ALTER " + target + " ADD" + indented(family.members));
  }
  add_owner(entry, target, family);
  add_comment(entry, target, family);
}

// Each by itself: the script of the extension may have made some of them already.
void render(const Lookup&, const catalog::FamilyAdditions& additions, Entry& entry) {
  for (const std::string& member : additions.members) {
    entry.create.push_back("ALTER OPERATOR FAMILY " +
                           family_target(additions.name, additions.access_method) + " ADD " +
                           member);
  }
}

void render(const Lookup&, const catalog::Transform& transform, Entry& entry) {
  const std::string target = "TRANSFORM " + transform.name.name;
  std::vector<std::string> functions;
  if (!transform.from_sql.empty()) {
    functions.push_back("FROM SQL WITH FUNCTION " + transform.from_sql);
  }
  if (!transform.to_sql.empty()) functions.push_back("TO SQL WITH FUNCTION " + transform.to_sql);
  entry.create.push_back("CREATE " + target + " (" + joined(functions, ", ") + ')');
  add_comment(entry, target, transform);
}

}  // namespace belay::dump
