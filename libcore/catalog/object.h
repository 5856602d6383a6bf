// What all objects of a database have in common.
//
// Every object carries its catalog address (class OID of the pg_catalog table, OID of the row), by
// which dependencies and the ledger name it; addresses never leave the process. Definitions are the
// server's own text (pg_get_viewdef ...) deparsed with an empty search_path. Strings are UTF-8.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

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
inline constexpr Oid kAccessMethod = 2601, kAmOp = 2602, kAmProc = 2603, kAttrDef = 2604,
                     kAuthId = 1260, kCast = 2605, kClass = 1259, kCollation = 3456,
                     kConstraint = 2606, kConversion = 2607, kDatabase = 1262, kDefaultAcl = 826,
                     kEnum = 3501, kEventTrigger = 3466, kExtension = 3079,
                     kForeignDataWrapper = 2328, kForeignServer = 1417, kInitPrivs = 3394,
                     kLanguage = 2612, kLargeObject = 2995, kNamespace = 2615, kOperator = 2617,
                     kOperatorClass = 2616, kOperatorFamily = 2753, kPolicy = 3256, kProc = 1255,
                     kPublication = 6104, kPublicationNamespace = 6237, kPublicationRel = 6106,
                     kRewrite = 2618, kStatistics = 3381, kSubscription = 6100, kTransform = 3576,
                     kTrigger = 2620, kTsConfig = 3602, kTsDict = 3600, kTsParser = 3601,
                     kTsTemplate = 3764, kType = 1247, kUserMapping = 1418;
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

struct ColumnAcl {
  std::string column;
  Acl acl;
};

struct SecurityLabel {
  std::string provider, label;
};

struct Object {
  Address address;
  QualifiedName name;  // schema empty where the kind has none
  std::string owner;   // empty where the kind has none
  Acl acl;
  std::vector<ColumnAcl> column_acls;  // of columns that are no Column: ctid, a sequence's
  std::string comment;
  bool has_comment = false;                        // '' differs from none only for schema public
  std::vector<SecurityLabel> labels;               // by provider
  std::vector<std::string> depends_on_extensions;  // DEPENDS ON EXTENSION; not quoted, sorted
  // Rows of its own that its statements make too (a composite type's pg_class row ...): who depends
  // on them depends on the object.
  std::vector<Address> folded;
};

}  // namespace belay::catalog
