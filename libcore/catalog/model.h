// What is in a database: plain values, no libpq, no behaviour beyond look-up. The kinds of objects
// stand in a header for each topic; a new kind: docs/adding-a-kind.md.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "libcore/base/identity.h"
#include "libcore/catalog/foreign.h"
#include "libcore/catalog/object.h"
#include "libcore/catalog/relations.h"
#include "libcore/catalog/replication.h"
#include "libcore/catalog/routines.h"
#include "libcore/catalog/text_search.h"
#include "libcore/catalog/types.h"

namespace belay::catalog {

struct Schema : Object {
  bool is_public = false;  // initdb made it: only differences are emitted
};

struct Extension : Object {
  std::string version;
  std::string schema;   // where its relocatable members live
  std::string members;  // how many objects, and a digest of their names
};

// What GRANT and REVOKE changed on an object that nobody but initdb or an extension makes; and the
// owner of one of initdb's that was given away.
struct SystemAcl : Object {
  char type = 'r';          // as acldefault() takes it
  std::string target;       // what stands behind ON: "FUNCTION pg_catalog.lower(pg_catalog.text)"
  std::string extension;    // whose member it is; empty: a built-in object
  bool given_away = false;  // to an owner other than the bootstrap role
};

// What objects that a role creates later start with; `owner` is that role.
struct DefaultAcl : Object {
  char object_type = 'r';  // r S f T n L, as in pg_default_acl
  std::string in_schema;   // not quoted; empty: any
};

struct LargeObject : Object {};  // name.name is the OID in decimal

// What the database says about itself; not an object of the dump.
struct Database : Object {
  std::string encoding, locale_provider, lc_collate, lc_ctype, locale, icu_rules, lc_monetary;
  std::string tablespace;  // in which it is by default; empty: pg_default
  int connection_limit = -1;
  bool is_template = false;
  bool allow_connections = true;
  struct Setting {
    std::string role;  // not quoted; empty: the database's own
    std::string name, value;
  };
  std::vector<Setting> settings;
};

struct Dependency {
  Address dependent, referenced;
  char type = 'n';  // pg_depend.deptype
};

// Something that belay cannot carry yet: a backup with any of these is refused.
struct Unsupported {
  std::string kind;      // "operator class", "table option", "row security" ...
  std::string identity;  // as pg_identify_object() says, or the name
  std::string detail;    // what exactly; may be empty
};

// All objects; kinds.h lists the vectors once more, with what is common to each kind.
struct Objects {
  std::vector<Schema> schemas;
  std::vector<Extension> extensions;
  std::vector<Language> languages;
  std::vector<Collation> collations;
  std::vector<Transform> transforms;
  std::vector<ShellType> shell_types;
  std::vector<BaseType> base_types;
  std::vector<EnumType> enums;
  std::vector<RangeType> range_types;
  std::vector<DomainType> domains;
  std::vector<CompositeType> composites;
  std::vector<Cast> casts;
  std::vector<Function> functions;
  std::vector<Aggregate> aggregates;
  std::vector<AccessMethod> access_methods;
  std::vector<Operator> operators;
  std::vector<OperatorFamily> operator_families;
  std::vector<OperatorClass> operator_classes;
  std::vector<FamilyAdditions> family_additions;
  std::vector<Conversion> conversions;
  std::vector<TextSearchParser> text_search_parsers;
  std::vector<TextSearchTemplate> text_search_templates;
  std::vector<TextSearchDictionary> text_search_dictionaries;
  std::vector<TextSearchConfiguration> text_search_configurations;
  std::vector<ForeignDataWrapper> foreign_data_wrappers;
  std::vector<ForeignServer> foreign_servers;
  std::vector<UserMapping> user_mappings;
  std::vector<Sequence> sequences;
  std::vector<Table> tables;
  std::vector<ExtensionTable> extension_tables;
  std::vector<ExtensionSequence> extension_sequences;
  std::vector<View> views;
  std::vector<Constraint> constraints;
  std::vector<Index> indexes;
  std::vector<Statistics> statistics;
  std::vector<Rule> rules;
  std::vector<Trigger> triggers;
  std::vector<Policy> policies;
  std::vector<Publication> publications;
  std::vector<PublicationTable> publication_tables;
  std::vector<PublicationSchema> publication_schemas;
  std::vector<Subscription> subscriptions;
  std::vector<DefaultAcl> default_acls;
  std::vector<EventTrigger> event_triggers;
  std::vector<LargeObject> large_objects;
  std::vector<SystemAcl> system_acls;
};

struct Catalog : Objects {
  SourceIdentity identity;
  Database database;
  std::vector<Dependency> dependencies;              // all of pg_depend that touches user objects
  std::map<Address, std::string> extension_members;  // address -> extension name
  std::map<Oid, std::string> system_names;           // for messages: class OID -> catalog name
  std::string bootstrap_role;                        // name of role 10: owner of public before 15
  std::vector<std::string> roles;  // every role named as owner, grantee or grantor
  std::vector<Unsupported> unsupported;
  std::vector<std::string> warnings;  // invalid indexes left out, dangling grants ...
  // Rows per catalog and bucket: emitted, folded, implied, member, excluded.
  std::map<std::string, std::map<std::string, std::uint64_t>> ledger;
  int round_trips = 0;               // that reading took
  std::uint64_t user_relations = 0;  // tables, views, sequences that are no extension's
};

}  // namespace belay::catalog
