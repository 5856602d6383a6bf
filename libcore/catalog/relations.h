// Tables, views, sequences, and what hangs on them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libcore/catalog/foreign.h"
#include "libcore/catalog/object.h"

namespace belay::catalog {

// How a table, a materialized view or an index is stored, where a plain CREATE would do otherwise.
struct Storage {
  std::string tablespace;            // not quoted; empty: the database's
  std::string access_method;         // not quoted; empty: heap; of indexes the definition's
  std::vector<std::string> options;  // "fillfactor=70", as stored; of the TOAST table "toast.x=y"
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
  bool not_null_local = true;        // its conislocal
  char identity = 0;                 // 'a', 'd' or 0
  char generated = 0;                // 's', 'v' or 0
  std::optional<std::string> default_expression;
  Oid default_oid = 0;  // pg_attrdef row; 0: none
  bool local = true;    // pg_attribute.attislocal: not only inherited
  char storage = 0;     // pg_attribute.attstorage; 0: the type's
  char type_storage = 0;
  char compression = 0;              // p or l; 0: the server's default
  int statistics = -1;               // -1: the default
  std::vector<std::string> options;  // "n_distinct=-0.5"
  Options foreign_options;           // of a foreign table's column
  Acl acl;                           // column privileges
  std::string comment;
  std::vector<SecurityLabel> labels;
};

enum class TableKind { ordinary, partitioned, foreign };

// A table that another inherits from; not always one of the catalog's.
struct Parent {
  Oid oid = 0;
  std::string name;  // quoted and qualified
};

struct Table : Object {
  TableKind kind = TableKind::ordinary;
  char persistence = 'p';  // 'p' or 'u'
  Oid row_type = 0;
  std::vector<Column> columns;  // without dropped ones, by number
  std::string partition_key;    // pg_get_partkeydef(); empty unless partitioned
  Oid partition_of = 0;         // parent table; 0: none
  std::vector<Parent> parents;  // INHERITS, in its order
  bool own_order = false;       // its columns do not stand as INHERITS would place them
  std::string server;           // not quoted; of a foreign table
  Options foreign_options;
  std::string of_type;          // quoted qualified name of a typed table's type; empty: none
  std::string partition_bound;  // "FOR VALUES ..." or "DEFAULT"
  Storage storage;
  char replica_identity = 'd';  // d default, n nothing, f full, i one of its indexes
  bool row_security = false, force_row_security = false;
  bool hash_on_unstable_key =
      false;  // hash partitioning whose hash may differ elsewhere: load through the root
  std::string condition;    // "WHERE ...": which rows are contents; empty: all
  std::uint64_t bytes = 0;  // main fork, estimate
  std::int64_t pages = 0;   // relation size / block size, exact at read time
  double estimated_rows = -1;
};

// A table or a view that an extension's script makes and users add to: rows of a configuration
// table, columns, and what hangs on it.
struct ExtensionTable : Table {
  std::string extension;       // not quoted
  bool configuration = false;  // it has rows that are contents
  std::vector<int> altered;    // numbers of columns that no script left as they are
};

// Those that no script left as they are.
std::vector<Column> altered_columns(const ExtensionTable& table);

// A configuration sequence: its state is contents.
struct ExtensionSequence : Sequence {
  std::string extension;  // not quoted
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
  bool inherited = false;  // not local, and its table is no partition: it goes with the parents'
};

struct Index : Object {
  Oid table = 0;
  Oid constraint = 0;      // the p, u or x constraint that owns it; 0: none
  std::string definition;  // pg_get_indexdef()
  bool valid = true, ready = true;
  bool on_partitioned = false;
  Oid parent_index = 0;  // attached to this partitioned index; 0: none
  Storage storage;       // options and access method are in the definition, save of a constraint's
  bool clustered = false, replica_identity = false;  // the table is clustered on, identified by it
  std::vector<std::pair<int, int>> statistics;       // columns, from 1 up, and their targets
};

struct View : Object {
  std::string definition;  // pg_get_viewdef() without the final semicolon
  bool materialized = false;
  bool populated = true;        // of a materialized view
  bool volatile_query = false;  // its query calls volatile functions: never comparable
  Storage storage;              // options of a view: security_barrier=true ...
  char replica_identity = 'd';  // of a materialized view, as a table's
  std::string check_option;     // LOCAL, CASCADED or empty
  Oid row_type = 0;
  Oid rule = 0;                 // the _RETURN row of pg_rewrite
  std::vector<Column> columns;  // names, types, defaults, comments and privileges
};

struct Trigger : Object {  // name.schema is the schema of its table
  Oid table = 0;
  std::string definition;  // pg_get_triggerdef()
  char enabled = 'O';
  Oid parent = 0;                    // trigger of the partitioned parent that implies this one
  bool differs_from_parent = false;  // enabled unlike that one
};

struct Rule : Object {  // name.schema is the schema of its table or view
  Oid table = 0;
  std::string definition;  // pg_get_ruledef() without the final semicolon
  char enabled = 'O';
};

struct Policy : Object {  // name.schema is the schema of its table
  Oid table = 0;
  bool permissive = true;
  char command = '*';                        // r a w d, or * for all
  std::vector<std::string> roles;            // not quoted; "": PUBLIC
  std::optional<std::string> filter, check;  // USING, WITH CHECK
};

// Extended statistics: in a schema of its own, on columns and expressions of one relation.
struct Statistics : Object {
  std::string definition;  // pg_get_statisticsobjdef()
  int target = -1;         // -1: the default
};

}  // namespace belay::catalog
