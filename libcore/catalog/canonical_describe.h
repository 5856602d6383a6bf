// How each kind says what it is, in files by topic. Private to canonical.cc and the describe_*.cc.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "libcore/catalog/flat_map.h"
#include "libcore/catalog/kinds.h"

namespace belay::catalog {

using Json = nlohmann::json;  // objects keep their keys sorted

// Names of what descriptions mention by OID. Outlived by the catalog.
class Names {
 public:
  explicit Names(const Catalog& catalog);
  // Quoted; empty if it is no table, view or index of the catalog.
  std::string relation(Oid oid) const;
  std::string column(Oid table, int number) const;
  std::string domain(Oid oid) const;

 private:
  ByOid<std::string> relations_, domains_;
  ByOid<const std::vector<Column>*> columns_;
};

// Arrives with what follows from the kind alone: kind, identity ("schema.name",
// "schema.name(arguments)" or "name on schema.table"), table, and owner, comment and privileges.
struct Description {
  std::string kind, identity;
  Json properties;
  Oid table = 0;         // that it is or hangs on: version tables leave the fingerprint as a whole
  bool implied = false;  // made by the server for another object; no object of its own
};

// Each adds its own properties; what is not set is left out, so that the fingerprint of objects
// without a property stays when belay learns to carry it.
void describe(const Names& names, const Schema& schema, Description& description);
void describe(const Names& names, const Extension& extension, Description& description);
void describe(const Names& names, const LargeObject& object, Description& description);
void describe(const Names& names, const Subscription& subscription, Description& description);
void describe(const Names& names, const SystemAcl& changed, Description& description);

void describe(const Names& names, const Collation& collation, Description& description);
void describe(const Names& names, const ShellType& type, Description& description);
void describe(const Names& names, const BaseType& type, Description& description);
void describe(const Names& names, const RangeType& type, Description& description);
void describe(const Names& names, const EnumType& type, Description& description);
void describe(const Names& names, const DomainType& type, Description& description);
void describe(const Names& names, const CompositeType& type, Description& description);

void describe(const Names& names, const AccessMethod& method, Description& description);
void describe(const Names& names, const Aggregate& aggregate, Description& description);
void describe(const Names& names, const Cast& cast, Description& description);
void describe(const Names& names, const Function& function, Description& description);
void describe(const Names& names, const Conversion& conversion, Description& description);
void describe(const Names& names, const Language& language, Description& description);
void describe(const Names& names, const Operator& op, Description& description);
void describe(const Names& names, const OperatorClass& op_class, Description& description);
void describe(const Names& names, const OperatorFamily& family, Description& description);
void describe(const Names& names, const FamilyAdditions& additions, Description& description);
void describe(const Names& names, const Transform& transform, Description& description);

void describe(const Names& names, const Sequence& sequence, Description& description);
void describe(const Names& names, const Table& table, Description& description);
void describe(const Names& names, const ExtensionTable& table, Description& description);
void describe(const Names& names, const ExtensionSequence& sequence, Description& description);
void describe(const Names& names, const View& view, Description& description);
void describe(const Names& names, const Constraint& constraint, Description& description);
void describe(const Names& names, const Index& index, Description& description);
void describe(const Names& names, const Trigger& trigger, Description& description);
void describe(const Names& names, const Rule& rule, Description& description);
void describe(const Names& names, const Policy& policy, Description& description);

void describe(const Names& names, const DefaultAcl& defaults, Description& description);
void describe(const Names& names, const EventTrigger& trigger, Description& description);
void describe(const Names& names, const Statistics& statistics, Description& description);
void describe(const Names& names, const TextSearchParser& parser, Description& description);
void describe(const Names& names, const TextSearchTemplate& object, Description& description);
void describe(const Names& names, const TextSearchDictionary& dictionary, Description& description);
void describe(const Names& names, const TextSearchConfiguration& configuration,
              Description& description);
void describe(const Names& names, const ForeignDataWrapper& wrapper, Description& description);
void describe(const Names& names, const ForeignServer& server, Description& description);
void describe(const Names& names, const UserMapping& mapping, Description& description);
void describe(const Names& names, const Publication& publication, Description& description);
void describe(const Names& names, const PublicationTable& member, Description& description);
void describe(const Names& names, const PublicationSchema& member, Description& description);

// Left out where they say nothing.
void add_text(Json& properties, const char* key, const std::string& text);
void add_flag(Json& properties, const char* key, bool flag);
void add_letter(Json& properties, const char* key, char letter);
void add_options(Json& properties, const char* key, const Options& options);
void add_acl(Json& properties, const Acl& acl);
void add_labels(Json& properties, const std::vector<SecurityLabel>& labels);

}  // namespace belay::catalog
