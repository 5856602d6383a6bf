// One attempt at reading a catalog: the results of the batch, and what the parts of the reader know
// about each other. Internal to this folder.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/catalog/flat_map.h"
#include "libcore/catalog/kinds.h"
#include "libcore/catalog/row.h"
#include "libcore/pg/embedded_sql.h"
#include "libcore/pg/result.h"

namespace belay::catalog {

std::span<const pg::EmbeddedSql> embedded_sql();

// Something was dropped or altered while it was read: the whole reading starts again.
struct ConcurrentChange {
  std::string cause;
};

// The one place where each row of the ledger ends.
enum class Bucket { emitted, folded, implied, member, excluded, unsupported };
std::string_view bucket_name(Bucket bucket);

struct Claim {
  Bucket bucket = Bucket::unsupported;
  Address parent;  // for implied: what makes this row; its fate is this row's fate
};

struct Reading {
  Catalog catalog;
  std::map<std::string, pg::Result, std::less<>> results;
  ByAddress<Claim> claims;
  // For comments and privileges; built by index_objects() when all vectors are complete.
  ByAddress<Object*> objects;
  ByOid<std::vector<Column>*> columns;

  const pg::Result& result(std::string_view name) const { return results.find(name)->second; }

  // The first claim stays: members of extensions are claimed before anything else.
  void claim(Address address, Bucket bucket) { claims.try_emplace(address, Claim{bucket, {}}); }
  void claim_implied(Address address, Address parent) {
    claims.try_emplace(address, Claim{Bucket::implied, parent});
  }
  // An extension's, or made by its script for one of its members.
  bool is_of_extension(const Address& address) const {
    const auto claim = claims.find(address);
    return claim != claims.end() && claim->second.bucket == Bucket::member;
  }
  void refuse(std::string kind, std::string identity, std::string detail) {
    catalog.unsupported.push_back({std::move(kind), std::move(identity), std::move(detail)});
  }
  // Written with the object: by the ledger, and for whatever depends on it.
  void fold(Object& object, Address address) {
    claim(address, Bucket::folded);
    object.folded.push_back(address);
  }
  // The letter of a "char" column. One that is not in `known` is refused by its place, as
  // "pg_cast.castmethod".
  char code(const Row& row, std::string_view column, std::string_view known, std::string_view place,
            const Object& object);
  void index_objects();
};

// Kinds with one query of their own. The object comes with address, name and owner; rows that
// follow each other and have the same oid are one object, read() is called for each of them.
void read(Reading& reading, const Row& row, AccessMethod& method);
void read(Reading& reading, const Row& row, Aggregate& aggregate);
void read(Reading& reading, const Row& row, BaseType& type);
void read(Reading& reading, const Row& row, Cast& cast);
void read(Reading& reading, const Row& row, Collation& collation);
void read(Reading& reading, const Row& row, Conversion& conversion);
void read(Reading& reading, const Row& row, DefaultAcl& defaults);
void read(Reading& reading, const Row& row, EventTrigger& trigger);
void read(Reading& reading, const Row& row, ExtensionSequence& sequence);
void read(Reading& reading, const Row& row, ExtensionTable& table);
void read(Reading& reading, const Row& row, TextSearchParser& parser);
void read(Reading& reading, const Row& row, TextSearchTemplate& object);
void read(Reading& reading, const Row& row, TextSearchDictionary& dictionary);
void read(Reading& reading, const Row& row, TextSearchConfiguration& configuration);
void read(Reading& reading, const Row& row, FamilyAdditions& additions);
void read(Reading& reading, const Row& row, ForeignDataWrapper& wrapper);
void read(Reading& reading, const Row& row, ForeignServer& server);
void read(Reading& reading, const Row& row, UserMapping& mapping);
void read(Reading& reading, const Row& row, Statistics& statistics);
void read(Reading& reading, const Row& row, Rule& rule);
void read(Reading& reading, const Row& row, Policy& policy);
void read(Reading& reading, const Row& row, Publication& publication);
void read(Reading& reading, const Row& row, PublicationTable& member);
void read(Reading& reading, const Row& row, PublicationSchema& member);
void read(Reading& reading, const Row& row, Language& language);
void read(Reading& reading, const Row& row, Operator& op);
void read(Reading& reading, const Row& row, OperatorClass& operator_class);
void read(Reading& reading, const Row& row, OperatorFamily& family);
void read(Reading& reading, const Row& row, RangeType& type);
void read(Reading& reading, const Row& row, ShellType& type);
void read(Reading& reading, const Row& row, Subscription& subscription);
void read(Reading& reading, const Row& row, SystemAcl& changed);
void read(Reading& reading, const Row& row, Transform& transform);

// Text that the server always has for an object that exists.
std::string required(const pg::Result& result, int row, int column, std::string_view what);
// Type names; format_type() writes "???" where the type is gone.
std::string required_type(const pg::Result& result, int row, int column);
// The only character of a "char" column; 0 for an empty one.
char letter(const pg::Result& result, int row, int column);
// Of an array of "name=value"; sorted by name. A name holds no "=".
Options options_of(std::string_view array);
// The elements of an array's text form, {a,"b c",NULL}; NULL elements are dropped.
std::vector<std::string> array_elements(std::string_view text);

// The parts, in the order in which they must run.
void read_members(Reading& reading);      // dependencies.sql, hung.sql
void read_implied(Reading& reading);      // implied.sql
void read_database(Reading& reading);     // database, schemas, extensions, large objects
void read_kinds(Reading& reading);        // all that read() reads
void read_types(Reading& reading);        // enums, domains, composites
void read_relations(Reading& reading);    // tables, views, columns, sequences
void read_constraints(Reading& reading);  // constraints, indexes, triggers
// Those of which their row does not say all: the server must write their definitions.
struct Undefined {
  std::vector<Index*> indexes;
  std::vector<Constraint*> constraints;
};
// Writes the definitions of the others. After read_relations() and read_constraints().
Undefined define_plain(Reading& reading);
void read_functions(Reading& reading);
void read_comments(Reading& reading);
void read_labels(Reading& reading);
void read_acls(Reading& reading);
void read_attributes(Reading& reading);  // what is not carried and has no row of its own

// The statement that lists every row from OID 16384 up: catalog, OIDs. `catalogs` is
// catalogs.sql's. Throws Error{not_permitted} if a catalog cannot be read.
std::string ledger_statement(const pg::Result& catalogs);
// Catalogs without an oid column that belay does not know, as one statement that names those that
// hold rows.
std::string unknown_catalogs_statement(const pg::Result& catalogs);

// Puts every row of the ledger into a bucket; returns those that nobody claimed and no other line
// of Catalog::unsupported speaks for.
std::vector<Address> settle_ledger(Reading& reading);
// Adds them to Catalog::unsupported; `identified` is identify.sql's result.
void refuse_unclaimed(Catalog& catalog, const pg::Result& identified);

// Owners, grantees and grantors, sorted, each once.
void collect_roles(Catalog& catalog);
// In a SQL_ASCII database: rows whose text is not UTF-8 are refused by name.
void refuse_undecodable(Reading& reading);

}  // namespace belay::catalog
