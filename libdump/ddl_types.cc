// Schemas, extensions, large objects, types and collations.
#include <algorithm>

#include "libcore/base/error.h"
#include "libdump/ddl_render.h"

namespace belay::dump {

using archive::Entry;

namespace {

constexpr std::string_view kPublic = "public";
constexpr std::string_view kPublicComment = "standard public schema";

// Every new database has it, with an owner, privileges and a comment of its own.
void render_public(const Lookup& lookup, const catalog::Schema& schema, Entry& entry) {
  const int major = lookup.catalog.identity.server_major();
  const std::string first_owner = major >= 15 ? "pg_database_owner" : lookup.catalog.bootstrap_role;
  if (schema.owner != first_owner) add_owner(entry, "SCHEMA public", schema);
  if (!schema.has_comment || schema.comment.empty()) {
    entry.comment.push_back("COMMENT ON SCHEMA public IS NULL");
  } else if (schema.comment != kPublicComment) {
    add_comment(entry, "SCHEMA public", schema);
  }
  // Before 15 everybody may create in it. A change of owner changes the items with it.
  catalog::Schema with_base = schema;
  with_base.acl.base = {{schema.owner, schema.owner, "UC", ""},
                        {"", schema.owner, major >= 15 ? "U" : "UC", ""}};
  if (schema.acl.is_null) {  // only a schema public that initdb did not make
    with_base.acl.is_null = false;
    with_base.acl.current = {{schema.owner, schema.owner, "UC", ""}};
  }
  add_grants(lookup, entry, with_base, Grantable::schema, "SCHEMA public");
}

}  // namespace

void render(const Lookup& lookup, const catalog::Schema& schema, Entry& entry) {
  if (schema.name.name == kPublic) return render_public(lookup, schema, entry);
  const std::string target = "SCHEMA " + quote_identifier_pretty(schema.name.name);
  entry.create.push_back("CREATE " + target);
  add_owner(entry, target, schema);
  add_comment(entry, target, schema);
  add_grants(lookup, entry, schema, Grantable::schema, target);
}

void render(const Lookup& lookup, const catalog::Extension& extension, Entry& entry) {
  const std::string name = quote_identifier_pretty(extension.name.name);
  std::string create = "CREATE EXTENSION IF NOT EXISTS " + name;
  // A schema that its script makes is not there yet.
  const bool exists = extension.schema == "pg_catalog" ||
                      std::any_of(lookup.catalog.schemas.begin(), lookup.catalog.schemas.end(),
                                  [&](const catalog::Schema& schema) {
                                    return schema.name.name == extension.schema;
                                  });
  if (exists) create += " WITH SCHEMA " + quote_identifier_pretty(extension.schema);
  entry.create.push_back(std::move(create));
  // Its control file brings a comment, which may have been taken away.
  if (extension.has_comment) {
    add_comment(entry, "EXTENSION " + name, extension);
  } else {
    entry.comment.push_back("COMMENT ON EXTENSION " + name + " IS NULL");
  }
}

void render(const Lookup&, const catalog::Collation& collation, Entry& entry) {
  const std::string target = "COLLATION " + quote_name_pretty(collation.name);
  std::vector<std::string> options;
  switch (collation.provider) {
    case 'c':
      options.push_back("provider = libc");
      break;
    case 'i':
      options.push_back("provider = icu");
      break;
    case 'b':
      options.push_back("provider = builtin");
      break;
    default:
      throw Error(ErrorKind::internal, "unknown provider of a collation").object(target);
  }
  if (!collation.deterministic) options.push_back("deterministic = false");
  if (!collation.locale.empty()) {
    options.push_back("locale = " + quote_literal(collation.locale));
  } else if (collation.lc_collate == collation.lc_ctype) {
    options.push_back("locale = " + quote_literal(collation.lc_collate));
  } else {
    options.push_back("lc_collate = " + quote_literal(collation.lc_collate));
    options.push_back("lc_ctype = " + quote_literal(collation.lc_ctype));
  }
  if (!collation.icu_rules.empty()) {
    options.push_back("rules = " + quote_literal(collation.icu_rules));
  }
  entry.create.push_back("CREATE " + target + " (" + joined(options, ", ") + ')');
  add_owner(entry, target, collation);
  add_comment(entry, target, collation);
}

void render(const Lookup& lookup, const catalog::EnumType& type, Entry& entry) {
  const std::string target = "TYPE " + quote_name_pretty(type.name);
  std::string create = "CREATE " + target + " AS ENUM (";
  for (std::size_t i = 0; i < type.labels.size(); ++i) {
    create += (i == 0 ? "\n    " : ",\n    ") + quote_literal(type.labels[i]);
  }
  entry.create.push_back(create + (type.labels.empty() ? ")" : "\n)"));
  add_owner(entry, target, type);
  add_comment(entry, target, type);
  add_grants(lookup, entry, type, Grantable::type, target);
}

void render(const Lookup& lookup, const catalog::DomainType& type, Entry& entry) {
  const std::string name = quote_name_pretty(type.name);
  std::string create = "CREATE DOMAIN " + name + " AS " + type.base_type;
  if (!type.collation.empty()) create += " COLLATE " + type.collation;
  if (type.default_expression) create += " DEFAULT " + *type.default_expression;
  if (type.not_null) {
    create += not_null_clause(type.not_null_name, type.name.name + "_not_null");
  }
  const auto checks = lookup.inline_checks.find(type.address);
  if (checks != lookup.inline_checks.end()) {
    for (const catalog::Constraint* check : checks->second) {
      create +=
          "\n    CONSTRAINT " + quote_identifier_pretty(check->name.name) + ' ' + check->definition;
    }
  }
  entry.create.push_back(std::move(create));
  add_owner(entry, "DOMAIN " + name, type);
  add_comment(entry, "DOMAIN " + name, type);
  if (!type.not_null_comment.empty()) {
    add_comment(entry,
                "CONSTRAINT " + quote_identifier_pretty(type.not_null_name) + " ON DOMAIN " + name,
                type.not_null_comment);
  }
  if (checks != lookup.inline_checks.end()) {
    for (const catalog::Constraint* check : checks->second) {
      add_comment(entry,
                  "CONSTRAINT " + quote_identifier_pretty(check->name.name) + " ON DOMAIN " + name,
                  *check);
    }
  }
  add_grants(lookup, entry, type, Grantable::type, "TYPE " + name);
}

void render(const Lookup& lookup, const catalog::CompositeType& type, Entry& entry) {
  const std::string target = "TYPE " + quote_name_pretty(type.name);
  std::string create = "CREATE " + target + " AS (";
  for (std::size_t i = 0; i < type.columns.size(); ++i) {
    const catalog::CompositeColumn& column = type.columns[i];
    create +=
        (i == 0 ? "\n    " : ",\n    ") + quote_identifier_pretty(column.name) + ' ' + column.type;
    if (!column.collation.empty()) create += " COLLATE " + column.collation;
    add_comment(
        entry,
        "COLUMN " + quote_name_pretty(type.name) + '.' + quote_identifier_pretty(column.name),
        column.comment);
  }
  entry.create.push_back(create + (type.columns.empty() ? ")" : "\n)"));
  add_owner(entry, target, type);
  add_comment(entry, target, type);
  add_grants(lookup, entry, type, Grantable::type, target);
}

void render(const Lookup& lookup, const catalog::LargeObject& object, Entry& entry) {
  const std::string target = "LARGE OBJECT " + object.name.name;
  entry.create.push_back("SELECT pg_catalog.lo_create(" + object.name.name + ')');
  add_owner(entry, target, object);
  add_comment(entry, target, object);
  add_grants(lookup, entry, object, Grantable::large_object, target);
}

}  // namespace belay::dump
