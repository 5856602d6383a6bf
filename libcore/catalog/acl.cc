// Privileges and comments, given to the objects that the other parts have read.
#include <algorithm>

#include "libcore/catalog/reader.h"
#include "libcore/catalog/reading.h"

namespace belay::catalog {

namespace {

struct Privilege {
  std::string_view word;
  char letter;
};
// In the order in which the server prints them.
constexpr Privilege kPrivileges[] = {
    {"INSERT", 'a'},   {"SELECT", 'r'},       {"UPDATE", 'w'},    {"DELETE", 'd'},
    {"TRUNCATE", 'D'}, {"REFERENCES", 'x'},   {"TRIGGER", 't'},   {"EXECUTE", 'X'},
    {"USAGE", 'U'},    {"CREATE", 'C'},       {"TEMPORARY", 'T'}, {"CONNECT", 'c'},
    {"SET", 's'},      {"ALTER SYSTEM", 'A'}, {"MAINTAIN", 'm'},
};

// "SELECT INSERT" as "ar"; the words are joined by blanks.
std::string privilege_letters(Reading& reading, std::string_view words) {
  std::string found;
  while (!words.empty()) {
    const auto* match = std::find_if(
        std::begin(kPrivileges), std::end(kPrivileges), [&](const Privilege& privilege) {
          return words.starts_with(privilege.word) &&
                 (words.size() == privilege.word.size() || words[privilege.word.size()] == ' ');
        });
    if (match == std::end(kPrivileges)) {
      reading.refuse("privilege", std::string(words), "unknown to this version of belay");
      break;
    }
    found += match->letter;
    words.remove_prefix(std::min(words.size(), match->word.size() + 1));
  }
  std::string letters;
  for (const Privilege& privilege : kPrivileges) {
    if (found.find(privilege.letter) != std::string::npos) letters += privilege.letter;
  }
  return letters;
}

// One item for each pair of grantee and grantor: makeaclitem() of old servers needs several.
void add_item(std::vector<AclItem>& items, AclItem item) {
  for (AclItem& other : items) {
    if (other.grantee != item.grantee || other.grantor != item.grantor) continue;
    auto merge = [](std::string& into, const std::string& letters) {
      for (const Privilege& privilege : kPrivileges) {
        const char c = privilege.letter;
        if (letters.find(c) != std::string::npos && into.find(c) == std::string::npos) into += c;
      }
    };
    merge(other.privileges, item.privileges);
    merge(other.grantable, item.grantable);
    return;
  }
  items.push_back(std::move(item));
}

Column* find_column(Reading& reading, const Address& address, int number) {
  if (address.classid != class_oid::kClass) return nullptr;
  const auto columns = reading.columns.find(address.objid);
  if (columns == reading.columns.end()) return nullptr;
  for (Column& column : *columns->second) {
    if (column.number == number) return &column;
  }
  return nullptr;
}

// Of a column that is no Column; the rows of one follow each other.
Acl& column_acl(Object& object, std::string column) {
  if (object.column_acls.empty() || object.column_acls.back().column != column) {
    object.column_acls.push_back({std::move(column), {}});
  }
  return object.column_acls.back().acl;
}

// One item of a list; `object` is whose, or nullptr.
void add_row(Reading& reading, const Row& row, const Object* object, Acl& acl) {
  acl.is_null = false;
  if (row.is_null("grantee")) return;  // an empty list
  const bool to_public = row.oid("grantee") == 0;
  if ((!to_public && row.is_null("grantee_name")) || row.is_null("grantor_name")) {
    reading.catalog.warnings.push_back(
        "a privilege on " + (object ? quote_name_pretty(object->name) : std::string("an object")) +
        " names a role that does not exist (OID " + row.text("grantee") + "); it is left out");
    return;
  }
  AclItem item{row.text("grantee_name"), row.text("grantor_name"),
               privilege_letters(reading, row.text("privileges")),
               privilege_letters(reading, row.text("grantable"))};
  add_item(row.letter("side") == 'c' ? acl.current : acl.base, std::move(item));
}

// What was its first owner's is the new one's.
void follow_owner(SystemAcl& changed, const std::string& first_owner) {
  for (AclItem& item : changed.acl.base) {
    if (item.grantee == first_owner) item.grantee = changed.owner;
    if (item.grantor == first_owner) item.grantor = changed.owner;
  }
}

// A comment on something folded into another object; false if there is no such place.
bool set_folded_comment(Reading& reading, const Address& address, int number,
                        const std::string& text) {
  if (number != 0) {
    if (Column* column = find_column(reading, address, number)) {
      column->comment = text;
      return true;
    }
    for (CompositeType& type : reading.catalog.composites) {
      if (type.folded.empty() || address != type.folded.front()) continue;
      for (CompositeColumn& column : type.columns) {
        if (column.number != number) continue;
        column.comment = text;
        return true;
      }
    }
    return false;
  }
  if (address.classid != class_oid::kConstraint) return false;
  const pg::Result& rows = reading.result("constraints");
  for (int row = 0; row < rows.rows(); ++row) {
    if (rows.oid(row, rows.column("oid")) != address.objid) continue;
    const Oid table = rows.oid(row, rows.column("table_oid"));
    const int column_number = static_cast<int>(rows.integer(row, rows.column("column_number")));
    if (Column* column = find_column(reading, {class_oid::kClass, table}, column_number)) {
      column->not_null_comment = text;
      return true;
    }
    for (DomainType& domain : reading.catalog.domains) {
      if (domain.address.objid != rows.oid(row, rows.column("domain_oid"))) continue;
      domain.not_null_comment = text;
      return true;
    }
  }
  return false;
}

// Comments and labels name pg_largeobject, not its metadata.
Address annotated(Oid classid, Oid objid) {
  constexpr Oid kLargeObjectPages = 2613;
  return {classid == kLargeObjectPages ? class_oid::kLargeObject : classid, objid};
}

bool is_implied(const Reading& reading, const Address& address) {
  const auto claim = reading.claims.find(address);
  return claim != reading.claims.end() && claim->second.bucket == Bucket::implied;
}

// In one line: after pg_upgrade it may be each member that has one.
void warn_of_comments(std::vector<std::string> objects, std::vector<std::string>& warnings) {
  constexpr std::size_t kMostNamed = 5;
  if (objects.empty()) return;
  std::sort(objects.begin(), objects.end());
  std::string names;
  for (std::size_t i = 0; i < std::min(objects.size(), kMostNamed); ++i) {
    names += (i == 0 ? "" : ", ") + objects[i];
  }
  if (objects.size() > kMostNamed) {
    names += " and " + std::to_string(objects.size() - kMostNamed) + " more";
  }
  warnings.push_back("comments set behind the scripts of extensions are left out: on " + names);
}

}  // namespace

void read(Reading& reading, const Row& row, SystemAcl& changed) {
  changed.type = row.letter("type");
  changed.target = row.text("target");
  changed.extension = row.text("extension");
  changed.given_away = row.boolean("given_away");
  add_row(reading, row, &changed,
          row.is_null("column_name") ? changed.acl : column_acl(changed, row.text("column_name")));
}

void read_acls(Reading& reading) {
  for (SystemAcl& changed : reading.catalog.system_acls) {
    if (changed.given_away) follow_owner(changed, reading.catalog.bootstrap_role);
  }
  const pg::Result& rows = reading.result("acls");
  for (int number = 0; number < rows.rows(); ++number) {
    const Row row(rows, number);
    const Address address{row.oid("classid"), row.oid("oid")};
    const auto found = reading.objects.find(address);
    Object* object = found == reading.objects.end() ? nullptr : found->second;
    if (row.integer("subid") == 0) {
      // None: a member's, or of something that is refused.
      if (object) add_row(reading, row, object, object->acl);
    } else if (Column* column =
                   find_column(reading, address, static_cast<int>(row.integer("subid")))) {
      add_row(reading, row, object, column->acl);
    } else if (object) {
      add_row(reading, row, object, column_acl(*object, row.text("column_name")));
    }
  }
}

void read_comments(Reading& reading) {
  const pg::Result& rows = reading.result("comments");
  const int classoid = rows.column("classoid"), objoid = rows.column("objoid");
  const int objsubid = rows.column("objsubid"), description = rows.column("description");
  const int left_out = rows.column("left_out");
  std::vector<std::string> commented;  // members of extensions
  for (int row = 0; row < rows.rows(); ++row) {
    const Address address = annotated(rows.oid(row, classoid), rows.oid(row, objoid));
    const int number = static_cast<int>(rows.integer(row, objsubid));
    std::string text = rows.string(row, description);
    const auto object = reading.objects.find(address);
    if (number == 0 && object != reading.objects.end()) {
      if (address.classid != class_oid::kTrigger && is_implied(reading, address)) {
        reading.refuse("comment", quote_name_pretty(object->second->name),
                       "on a part that a partition got from its parent");
      }
      object->second->comment = std::move(text);
      object->second->has_comment = true;
      continue;
    }
    if (!rows.is_null(row, left_out)) {
      commented.push_back(rows.string(row, left_out));
      continue;
    }
    const auto claim = reading.claims.find(address);
    const bool carried_elsewhere =
        claim == reading.claims.end() || claim->second.bucket == Bucket::member ||
        claim->second.bucket == Bucket::excluded;  // unclaimed: the ledger names the object
    if (carried_elsewhere || set_folded_comment(reading, address, number, text)) continue;
    if (address.classid == class_oid::kLargeObject) continue;  // left out on request
    reading.refuse("comment",
                   reading.catalog.system_names[address.classid] + " " +
                       std::to_string(address.objid) + " column " + std::to_string(number),
                   text);
  }
  warn_of_comments(std::move(commented), reading.catalog.warnings);
}

void read_labels(Reading& reading) {
  const pg::Result& rows = reading.result("security_labels");
  for (int number = 0; number < rows.rows(); ++number) {
    const Row row(rows, number);
    const Address address = annotated(row.oid("classoid"), row.oid("objoid"));
    const int column = static_cast<int>(row.integer("objsubid"));
    const auto claim = reading.claims.find(address);
    const bool of_others =
        claim != reading.claims.end() &&
        (claim->second.bucket == Bucket::member || claim->second.bucket == Bucket::excluded);
    if (of_others) continue;
    if (address.classid == class_oid::kLargeObject && !reading.results.contains("large_objects")) {
      continue;
    }
    SecurityLabel label{row.text("provider"), row.text("label")};
    const auto object = reading.objects.find(address);
    if (Column* of = column == 0 ? nullptr : find_column(reading, address, column)) {
      of->labels.push_back(std::move(label));
    } else if (column == 0 && object != reading.objects.end()) {
      object->second->labels.push_back(std::move(label));
    } else {
      reading.refuse("security label", row.text("identity"), label.provider + ": " + label.label);
    }
  }
}

std::vector<std::string> changed_superuser_objects(pg::Connection& connection) {
  const pg::Result rows =
      connection.query(pg::select_sql(embedded_sql(), "system_acls", connection.server_major()));
  std::vector<std::string> targets;
  for (int number = 0; number < rows.rows(); ++number) {
    const Row row(rows, number);
    if (!row.boolean("of_superuser") && !row.boolean("given_away")) continue;
    std::string target = row.text("target");
    if (targets.empty() || targets.back() != target) targets.push_back(std::move(target));
  }
  return targets;
}

}  // namespace belay::catalog
