// What is in a database: plain values, no libpq, no behaviour beyond look-up.
//
// Every object carries its catalog address (class OID of the pg_catalog table, OID of the row), by
// which dependencies and the ledger name it; addresses never leave the process. Definitions are the
// server's own text (pg_get_viewdef ...) deparsed with an empty search_path. Strings are UTF-8.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libcore/base/identity.h"
#include "libcore/base/name.h"

namespace belay::catalog {

using Oid = std::uint32_t;
inline constexpr Oid kFirstUserOid = 16384;

struct Address {
  Oid classid = 0;
  Oid objid = 0;
  auto operator<=>(const Address&) const = default;
};

// OIDs of the catalogs themselves are the same on every server.
namespace class_oid {
inline constexpr Oid kType = 1247, kProc = 1255, kClass = 1259, kAuthId = 1260, kDatabase = 1262,
                     kAttrDef = 2604, kConstraint = 2606, kLanguage = 2612, kLargeObject = 2995,
                     kNamespace = 2615, kRewrite = 2618, kTrigger = 2620, kExtension = 3079,
                     kEnum = 3501;
}

// One aclitem, exploded: an empty grantee is PUBLIC. Privileges are ACL letters (r a w d D x t m U
// C X c T s A); those with grant option stand in `grantable` too.
struct AclItem {
  std::string grantee, grantor;
  std::string privileges, grantable;
  auto operator<=>(const AclItem&) const = default;
};

// Current privileges, in the array's order, and those the object would have without any GRANT or
// REVOKE: pg_init_privs if there is a row, acldefault() otherwise.
struct Acl {
  bool is_null = true;  // the column is NULL: current equals acldefault()
  std::vector<AclItem> current, base;
};

struct Object {
  Address address;
  QualifiedName name;  // schema empty where the kind has none
  std::string owner;   // empty where the kind has none
  Acl acl;
  std::string comment;
  bool has_comment = false;  // '' differs from none only for schema public
};

struct Schema : Object {
  bool is_public = false;  // initdb made it: only differences are emitted
};

struct Extension : Object {
  std::string version;
  std::string schema;  // where its relocatable members live
};

struct EnumType : Object {
  std::vector<std::string> labels;
};

struct Constraint;

struct DomainType : Object {
  std::string base_type;  // format_type() text
  std::string collation;  // quoted qualified name; empty if the base type's
  bool not_null = false;
  std::string not_null_name;     // servers 17 and later: the constraint's name; else empty
  std::string not_null_comment;  // comment on that constraint; empty: none
  std::optional<std::string> default_expression;
};

struct CompositeColumn {
  std::string name, type, collation, comment;
  int number = 0;  // attnum
};
// Its pg_class row is folded into it.
struct CompositeType : Object {
  Oid relation = 0;
  std::vector<CompositeColumn> columns;
};

// A sequence; its state is contents, not catalog.
struct Sequence : Object {
  std::string type;  // smallint, integer, bigint
  std::int64_t start = 1, increment = 1, minimum = 1, maximum = 1, cache = 1;
  bool cycle = false;
  Oid owner_table = 0;  // OWNED BY, or the identity column's table; 0: none
  int owner_column = 0;
  bool is_identity = false;
  char persistence = 'p';
};

struct Column {
  int number = 0;  // attnum; gaps where columns were dropped
  std::string name;
  std::string type;  // format_type() text
  Oid type_oid = 0;
  std::string collation;  // quoted qualified name; empty if the type's default
  bool not_null = false;
  std::string not_null_name;         // servers 18 and later: the constraint's name; else empty
  std::string not_null_comment;      // comment on that constraint; empty: none
  bool not_null_no_inherit = false;  // its connoinherit
  char identity = 0;                 // 'a', 'd' or 0
  char generated = 0;                // 's', 'v' or 0
  std::optional<std::string> default_expression;
  Oid default_oid = 0;  // pg_attrdef row; 0: none
  Acl acl;              // column privileges
  std::string comment;
};

enum class TableKind { ordinary, partitioned };

struct Table : Object {
  TableKind kind = TableKind::ordinary;
  char persistence = 'p';  // 'p' or 'u'
  Oid row_type = 0;
  std::vector<Column> columns;  // without dropped ones, by number
  std::string partition_key;    // pg_get_partkeydef(); empty unless partitioned
  Oid partition_of = 0;         // parent table; 0: none
  std::string partition_bound;  // "FOR VALUES ..." or "DEFAULT"
  bool hash_on_unstable_key =
      false;  // hash partitioning whose hash may differ elsewhere: load through the root
  std::uint64_t bytes = 0;  // main fork, estimate
  std::int64_t pages = 0;   // relation size / block size, exact at read time
  double estimated_rows = -1;
};

// Check, primary key, unique, exclude, foreign key, domain constraints (and not-null rows of 17+,
// which are folded into the column or the domain).
struct Constraint : Object {  // name.schema is the schema of its table or domain
  char type = 'c';            // c p u x f n t
  Oid table = 0;              // 0 for domain constraints
  Oid domain = 0;
  Oid index = 0;             // of p, u, x
  Oid referenced_table = 0;  // of f
  Oid parent = 0;            // constraint of the partitioned parent that implies this one
  std::string definition;    // pg_get_constraintdef()
  bool validated = true;
  bool local = true;
};

struct Index : Object {
  Oid table = 0;
  Oid constraint = 0;      // the p, u or x constraint that owns it; 0: none
  std::string definition;  // pg_get_indexdef()
  bool valid = true, ready = true;
  bool on_partitioned = false;
  Oid parent_index = 0;  // attached to this partitioned index; 0: none
};

struct View : Object {
  std::string definition;  // pg_get_viewdef() without the final semicolon
  bool materialized = false;
  bool populated = true;             // of a materialized view
  bool volatile_query = false;       // its query calls volatile functions: never comparable
  std::vector<std::string> options;  // security_barrier=true ...
  std::string check_option;          // LOCAL, CASCADED or empty
  Oid row_type = 0;
  Oid rule = 0;                 // the _RETURN row of pg_rewrite
  std::vector<Column> columns;  // names, types, defaults, comments and privileges
};

struct Function : Object {
  char kind = 'f';                 // f, p, w (aggregates are not supported yet)
  std::string identity_arguments;  // pg_get_function_identity_arguments()
  std::string arguments;           // pg_get_function_arguments()
  std::string result;              // pg_get_function_result(); empty for procedures
  std::string language;
  char volatility = 'v', parallel = 'u';
  bool strict = false, security_definer = false, leakproof = false;
  std::string cost, rows;             // text of the numbers; empty when the default
  std::string support;                // quoted qualified name; empty: none
  std::vector<std::string> settings;  // proconfig
  std::vector<std::string> transform_types;
  std::string body, library;            // prosrc, probin
  std::optional<std::string> sql_body;  // pg_get_function_sqlbody(), servers 14 and later
};

struct Trigger : Object {  // name.schema is the schema of its table
  Oid table = 0;
  std::string definition;  // pg_get_triggerdef()
  char enabled = 'O';
  Oid parent = 0;  // trigger of the partitioned parent that implies this one
};

struct LargeObject : Object {};  // name.name is the OID in decimal

// What the database says about itself; not an object of the dump.
struct Database : Object {
  std::string encoding, locale_provider, lc_collate, lc_ctype, locale, icu_rules, lc_monetary;
  int connection_limit = -1;
  bool is_template = false;
  bool allow_connections = true;
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

struct Catalog {
  SourceIdentity identity;
  Database database;
  std::vector<Schema> schemas;
  std::vector<Extension> extensions;
  std::vector<EnumType> enums;
  std::vector<DomainType> domains;
  std::vector<CompositeType> composites;
  std::vector<Sequence> sequences;
  std::vector<Table> tables;
  std::vector<View> views;
  std::vector<Constraint> constraints;
  std::vector<Index> indexes;
  std::vector<Function> functions;
  std::vector<Trigger> triggers;
  std::vector<LargeObject> large_objects;
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
