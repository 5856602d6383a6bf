// Every kind of object, once. Whatever must hold for all kinds alike (finding objects by address,
// the base order, comments, privileges, roles, fingerprint, statements) walks this list.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <variant>
#include <vector>

#include "libcore/catalog/model.h"

namespace belay::catalog {

enum class Section { pre_data, data, post_data };  // data: large objects

template <typename T>
struct Kind {
  using Type = T;
  std::vector<T> Objects::*objects;
  std::string_view word;   // in entries, messages and exports
  Oid classid;             // the catalog in which it has its row
  std::string_view query;  // sql/QUERY.sql reads it
  Section section = Section::pre_data;
};

// The order of this list is the base order: where dependencies do not say otherwise, and within a
// section, objects of a kind that stands earlier are created earlier. What hangs on a table stands
// behind it. Casts come early: what uses a cast records a dependency on its function only.
inline constexpr std::tuple kKinds{
    Kind{&Objects::schemas, "schema", class_oid::kNamespace, "schemas"},
    Kind{&Objects::extensions, "extension", class_oid::kExtension, "extensions"},
    Kind{&Objects::languages, "language", class_oid::kLanguage, "languages"},
    Kind{&Objects::collations, "collation", class_oid::kCollation, "collations"},
    Kind{&Objects::transforms, "transform", class_oid::kTransform, "transforms"},
    Kind{&Objects::shell_types, "shell type", class_oid::kType, "shell_types"},
    Kind{&Objects::base_types, "base type", class_oid::kType, "base_types"},
    Kind{&Objects::enums, "enum", class_oid::kType, "enums"},
    Kind{&Objects::range_types, "range type", class_oid::kType, "range_types"},
    Kind{&Objects::domains, "domain", class_oid::kType, "domains"},
    Kind{&Objects::composites, "composite type", class_oid::kType, "composites"},
    Kind{&Objects::casts, "cast", class_oid::kCast, "casts"},
    Kind{&Objects::functions, "function", class_oid::kProc, "functions"},
    Kind{&Objects::aggregates, "aggregate", class_oid::kProc, "aggregates"},
    Kind{&Objects::access_methods, "access method", class_oid::kAccessMethod, "access_methods"},
    Kind{&Objects::operators, "operator", class_oid::kOperator, "operators"},
    Kind{&Objects::operator_families, "operator family", class_oid::kOperatorFamily,
         "operator_families"},
    Kind{&Objects::operator_classes, "operator class", class_oid::kOperatorClass,
         "operator_classes"},
    Kind{&Objects::family_additions, "additions to operator family", class_oid::kOperatorFamily,
         "family_additions"},
    Kind{&Objects::conversions, "conversion", class_oid::kConversion, "conversions"},
    Kind{&Objects::text_search_parsers, "text search parser", class_oid::kTsParser,
         "text_search_parsers"},
    Kind{&Objects::text_search_templates, "text search template", class_oid::kTsTemplate,
         "text_search_templates"},
    Kind{&Objects::text_search_dictionaries, "text search dictionary", class_oid::kTsDict,
         "text_search_dictionaries"},
    Kind{&Objects::text_search_configurations, "text search configuration", class_oid::kTsConfig,
         "text_search_configurations"},
    Kind{&Objects::foreign_data_wrappers, "foreign-data wrapper", class_oid::kForeignDataWrapper,
         "foreign_data_wrappers"},
    Kind{&Objects::foreign_servers, "foreign server", class_oid::kForeignServer, "foreign_servers"},
    Kind{&Objects::user_mappings, "user mapping", class_oid::kUserMapping, "user_mappings"},
    Kind{&Objects::sequences, "sequence", class_oid::kClass, "sequences"},
    Kind{&Objects::tables, "table", class_oid::kClass, "tables"},
    Kind{&Objects::extension_tables, "table of an extension", class_oid::kClass,
         "extension_tables"},
    Kind{&Objects::extension_sequences, "sequence of an extension", class_oid::kClass,
         "extension_sequences"},
    Kind{&Objects::views, "view", class_oid::kClass, "views"},
    Kind{&Objects::system_acls, "privileges on system object", class_oid::kInitPrivs,
         "system_acls"},
    Kind{&Objects::large_objects, "large object", class_oid::kLargeObject, "large_objects",
         Section::data},
    Kind{&Objects::constraints, "constraint", class_oid::kConstraint, "constraints",
         Section::post_data},
    Kind{&Objects::indexes, "index", class_oid::kClass, "indexes", Section::post_data},
    Kind{&Objects::statistics, "statistics object", class_oid::kStatistics, "statistics",
         Section::post_data},
    Kind{&Objects::rules, "rule", class_oid::kRewrite, "rules", Section::post_data},
    Kind{&Objects::triggers, "trigger", class_oid::kTrigger, "triggers", Section::post_data},
    Kind{&Objects::policies, "policy", class_oid::kPolicy, "policies", Section::post_data},
    Kind{&Objects::publications, "publication", class_oid::kPublication, "publications",
         Section::post_data},
    Kind{&Objects::publication_tables, "published table", class_oid::kPublicationRel,
         "publication_tables", Section::post_data},
    Kind{&Objects::publication_schemas, "published schema", class_oid::kPublicationNamespace,
         "publication_schemas", Section::post_data},
    Kind{&Objects::subscriptions, "subscription", class_oid::kSubscription, "subscriptions",
         Section::post_data},
    Kind{&Objects::default_acls, "default privileges", class_oid::kDefaultAcl, "default_acls",
         Section::post_data},
    Kind{&Objects::event_triggers, "event trigger", class_oid::kEventTrigger, "event_triggers",
         Section::post_data},
};
inline constexpr std::size_t kKindCount = std::tuple_size_v<decltype(kKinds)>;
static_assert(sizeof(Objects) == kKindCount * sizeof(std::vector<Object>),
              "a vector of Objects is missing from kKinds");

// f(kind) for each kind.
template <typename F>
constexpr void for_each_kind(F&& f) {
  std::apply([&](const auto&... kinds) { (f(kinds), ...); }, kKinds);
}

// f(object) for each object of each kind.
template <typename SomeCatalog, typename F>
void for_each_object(SomeCatalog& catalog, F&& f) {
  for_each_kind([&](const auto& kind) {
    for (auto& object : catalog.*kind.objects) f(object);
  });
}

// Made by the script of an extension, or by initdb: of these the catalog holds what users add.
template <typename T>
inline constexpr bool is_member =
    std::is_same_v<T, ExtensionTable> || std::is_same_v<T, ExtensionSequence> ||
    std::is_same_v<T, FamilyAdditions>;

template <typename T>
constexpr const Kind<T>& kind_of() {
  return std::get<Kind<T>>(kKinds);
}

// Its place in the base order.
template <typename T>
constexpr int position_of() {
  int position = 0, found = -1;
  for_each_kind([&]<typename Other>(const Kind<Other>&) {
    if (std::is_same_v<T, Other>) found = position;
    ++position;
  });
  return found;
}

template <typename List>
struct AnyOf;
template <typename... T>
struct AnyOf<const std::tuple<Kind<T>...>> {
  using Type = std::variant<const T*...>;
};
// Points at an object of any kind.
using AnyObject = AnyOf<decltype(kKinds)>::Type;

// What people and archives call an object: its kind's word, unless the kind has several.
template <typename T>
std::string_view word_of(const T&) {
  return kind_of<T>().word;
}
std::string_view word_of(const Table& table);        // table, foreign table
std::string_view word_of(const Function& function);  // function, procedure
std::string_view word_of(const View& view);          // view, materialized view
// primary key, unique constraint, exclusion constraint, foreign key, check
std::string_view word_of(const Constraint& constraint);

// What tells apart objects of a kind with the same name in the same schema; empty for most kinds.
template <typename T>
std::string distinction(const T& object) {
  if constexpr (requires { object.identity_arguments; }) {
    return '(' + object.identity_arguments + ')';
  } else if constexpr (requires { object.access_method; }) {
    return " using " + quote_identifier_pretty(object.access_method);
  } else {
    return "";
  }
}

// Its name among those of its kind in its schema, not quoted: "f(integer)".
template <typename T>
std::string name_in_schema(const T& object) {
  return object.name.name + distinction(object);
}

}  // namespace belay::catalog
