// Shared by the ddl_*.cc files, which split the rendering by topic. Private to libdump.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libcore/archive/format.h"
#include "libcore/catalog/flat_map.h"
#include "libcore/catalog/kinds.h"
#include "libcore/catalog/order.h"

namespace belay::dump {

// The catalog with what rendering looks up by address. Outlived by the catalog.
struct Lookup {
  explicit Lookup(const catalog::Catalog& catalog, const catalog::Order& order);

  struct Relation {
    QualifiedName name;
    bool partitioned = false;
    const std::vector<catalog::Column>* columns = nullptr;
  };
  // Throws Error{backup_failed} if belay does not carry that table or view; `user` is who needs it.
  const Relation& relation(catalog::Oid oid, const catalog::Object& user) const;
  bool is_separate(const catalog::Address& address) const;
  // The object of that kind at the address, or nullptr.
  template <typename T>
  const T* find(const catalog::Address& address) const {
    const auto found = objects.find(address);
    if (found == objects.end()) return nullptr;
    const auto* object = std::get_if<const T*>(&found->second);
    return object ? *object : nullptr;
  }

  const catalog::Catalog& catalog;
  const std::vector<catalog::Address>& separated;
  catalog::ByAddress<catalog::AnyObject> objects;
  // By table or domain, checks that stand in its statement, sorted by name.
  catalog::ByAddress<std::vector<const catalog::Constraint*>> inline_checks;
  catalog::ByAddress<const catalog::Index*> index_of_constraint;
  // Defaults that are statements of their own.
  struct Default {
    const Relation* relation;
    const catalog::Object* object;
    const catalog::Column* column;
  };
  catalog::ByAddress<Default> defaults;
  catalog::ByOid<Relation> relations;
};

// Fills in the entry of one step, which comes with kind, schema, name and owner: the statements,
// and kind and name where they are not what the object's kind says. Number, section and
// dependencies are the caller's. Kinds that are made in parts take the part.
void render(const Lookup& lookup, const catalog::Schema& schema, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::Extension& extension, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::LargeObject& object, archive::Entry& entry);

void render(const Lookup& lookup, const catalog::Collation& collation, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::ShellType& type, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::BaseType& type, catalog::Part part,
            archive::Entry& entry);
void render(const Lookup& lookup, const catalog::RangeType& type, catalog::Part part,
            archive::Entry& entry);
void render(const Lookup& lookup, const catalog::EnumType& type, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::DomainType& type, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::CompositeType& type, archive::Entry& entry);

void render(const Lookup& lookup, const catalog::AccessMethod& method, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::Aggregate& aggregate, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::Cast& cast, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::Function& function, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::Conversion& conversion, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::Language& language, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::Operator& op, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::OperatorClass& op_class, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::OperatorFamily& family, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::FamilyAdditions& additions, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::Transform& transform, archive::Entry& entry);

void render(const Lookup& lookup, const catalog::Sequence& sequence, catalog::Part part,
            archive::Entry& entry);
void render(const Lookup& lookup, const catalog::Table& table, catalog::Part part,
            archive::Entry& entry);
void render(const Lookup& lookup, const catalog::ExtensionTable& table, catalog::Part part,
            archive::Entry& entry);
void render(const Lookup& lookup, const catalog::ExtensionSequence& sequence, catalog::Part part,
            archive::Entry& entry);
void render(const Lookup& lookup, const catalog::View& view, catalog::Part part,
            archive::Entry& entry);
void render(const Lookup& lookup, const catalog::Constraint& constraint, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::Index& index, catalog::Part part,
            archive::Entry& entry);
void render(const Lookup& lookup, const catalog::Trigger& trigger, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::Rule& rule, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::Policy& policy, archive::Entry& entry);
void render(const Lookup& lookup, const Lookup::Default& value, archive::Entry& entry);

void render(const Lookup& lookup, const catalog::DefaultAcl& defaults, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::SystemAcl& changed, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::EventTrigger& trigger, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::Statistics& statistics, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::TextSearchParser& parser, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::TextSearchTemplate& object, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::TextSearchDictionary& dictionary,
            archive::Entry& entry);
void render(const Lookup& lookup, const catalog::TextSearchConfiguration& configuration,
            archive::Entry& entry);
void render(const Lookup& lookup, const catalog::ForeignDataWrapper& wrapper,
            archive::Entry& entry);
void render(const Lookup& lookup, const catalog::ForeignServer& server, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::UserMapping& mapping, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::Publication& publication, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::PublicationTable& member, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::PublicationSchema& member, archive::Entry& entry);
void render(const Lookup& lookup, const catalog::Subscription& subscription, archive::Entry& entry);

// "NAME on TABLE", not quoted: what an entry of something that hangs on a table is called.
std::string name_on(const std::string& name, const QualifiedName& table);
// What hangs on every sort of object: COMMENT ON `target` IS ..., if there is a comment, security
// labels, and ALTER `target` DEPENDS ON EXTENSION.
void add_comment(archive::Entry& entry, std::string_view target, const catalog::Object& object);
void add_comment(archive::Entry& entry, std::string_view target, const std::string& comment);
// COMMENT ON COLUMN for each column that has one.
void add_column_comments(archive::Entry& entry, const QualifiedName& relation,
                         const std::vector<catalog::Column>& columns);
// ALTER `target` OWNER TO the object's owner.
void add_owner(archive::Entry& entry, std::string_view target, const catalog::Object& object);

// Privileges as GRANT and REVOKE.
struct Grants {
  std::vector<std::string> statements;
  std::vector<std::string> run_as;  // as Entry::acl_run_as
};
// What can be granted on a kind of object: letters in the server's order.
enum class Grantable {
  relation,
  sequence,
  column,
  schema,
  function,
  language,
  type,
  large_object,
  database,
  foreign,  // foreign-data wrappers and servers
};
// From what the object has after its creation (acl.base) to what it has. `target` is what follows
// ON, as "TABLE s.t"; `column` is quoted, for column privileges only.
void add_grants(Grants& grants, const catalog::Acl& acl, const std::string& owner, Grantable kind,
                std::string_view target, int server_major, std::string_view column = {});
void add_grants(const Lookup& lookup, archive::Entry& entry, const catalog::Object& object,
                Grantable kind, std::string_view target);
// Of its columns, and of those that are no catalog::Column. `target` as in add_grants().
void add_column_grants(const Lookup& lookup, archive::Entry& entry, const catalog::Object& object,
                       const std::vector<catalog::Column>& columns, std::string_view target);

// The columns between the parentheses of CREATE TABLE.
std::vector<std::string> column_definitions(const Lookup& lookup, const catalog::Table& table);
bool needs_scaffold(const Lookup& lookup, const catalog::Table& table);
// For a table whose columns have an order of their own: a parent for the time of its creation;
// returns its name, quoted and qualified.
std::string add_scaffold(const Lookup& lookup, const catalog::Table& table, archive::Entry& entry);
void remove_scaffold(const catalog::Table& table, const std::string& scaffold,
                     archive::Entry& entry);
// Of a table that inherits: what it has unlike its parents and its own definition does not say.
void add_differences_from_parents(const Lookup& lookup, const catalog::Table& table,
                                  archive::Entry& entry);
// Whether a constraint that the table only inherits is made later, with its ancestor's.
bool comes_with_ancestor(const Lookup& lookup, const catalog::Table& table, char type,
                         const std::string& name);
std::string_view storage_word(char letter);
// What is set once the relation or the index stands: "ALTER TABLE ONLY t ALTER COLUMN c SET ...".
void add_column_attributes(archive::Entry& entry, const QualifiedName& relation,
                           const std::vector<catalog::Column>& columns);
void add_replica_identity(archive::Entry& entry, const QualifiedName& relation, char letter);
void add_index_attributes(archive::Entry& entry, const QualifiedName& table,
                          const catalog::Index& index);

// Parts of statements.
// " OPTIONS (name 'value')"; empty without any.
std::string options_clause(const catalog::Options& options);
// " WITH (name='value', toast.name='value')" of options as they are stored; empty without any.
std::string with_clause(const std::vector<std::string>& options);
// "name='value', ..."
std::string option_list(const std::vector<std::string>& options);
std::string not_null_clause(const std::string& given_name, const std::string& default_name);
std::string joined(const std::vector<std::string>& items, std::string_view separator);

}  // namespace belay::dump
