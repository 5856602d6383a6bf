// Completeness is counted: every row of the system catalogs that users caused ends in one bucket.
#include <algorithm>
#include <unordered_set>

#include "libcore/base/error.h"
#include "libcore/catalog/reading.h"

namespace belay::catalog {

namespace {

// Catalogs without an oid column, and who accounts for their rows.
struct CatalogWithoutOid {
  std::string_view name;
  std::string_view accounted_by;
};
constexpr CatalogWithoutOid kCatalogsWithoutOid[] = {
    {"pg_aggregate", "parents.sql"},
    {"pg_attribute", "parents.sql"},
    {"pg_depend", "edges between rows that are counted themselves"},
    {"pg_description", "parents.sql and read_comments()"},
    {"pg_foreign_table", "parents.sql"},
    {"pg_index", "parents.sql"},
    {"pg_inherits", "parents.sql"},
    {"pg_init_privs", "system_acls.sql: what differs from it"},
    {"pg_largeobject", "contents"},
    {"pg_partitioned_table", "parents.sql"},
    {"pg_range", "parents.sql"},
    {"pg_seclabel", "parents.sql and read_labels()"},
    {"pg_sequence", "parents.sql"},
    {"pg_statistic", "derived from contents by ANALYZE"},
    {"pg_statistic_ext_data", "derived from contents by ANALYZE"},
    {"pg_subscription_rel", "the state of replication, which is not carried"},
    {"pg_ts_config_map", "parents.sql"},
};

constexpr std::string_view kUserMapping = "pg_user_mapping";

class Settlement {
 public:
  explicit Settlement(Reading& reading) : reading_(reading) {
    for (const Dependency& dependency : reading.catalog.dependencies) {
      switch (dependency.type) {
        case 'a':
        case 'i':
        case 'P':
        case 'S':
          part_of_[dependency.dependent].push_back(dependency);
          break;
        case 'n':  // objects in a temporary schema
          if (dependency.referenced.classid == class_oid::kNamespace) {
            part_of_[dependency.dependent].push_back(dependency);
          }
          break;
        default:
          break;
      }
    }
  }

  Bucket settle(const Address& address) {
    // Entered before the parents are asked, so that a cycle ends here.
    const auto [entry, is_new] = settled_.try_emplace(address, Bucket::unsupported);
    if (!is_new) return entry->second;
    const Bucket bucket = decide(address);
    settled_[address] = bucket;
    return bucket;
  }

  // Whether the row needs a line of its own: nobody claimed it, and it is not the inner part of
  // something that has a line.
  bool needs_naming(const Address& address) {
    const auto claim = reading_.claims.find(address);
    if (claim != reading_.claims.end()) return claim->second.bucket == Bucket::unsupported;
    const auto parts = part_of_.find(address);
    if (parts == part_of_.end()) return true;
    return std::none_of(parts->second.begin(), parts->second.end(), [&](const Dependency& part) {
      return part.type == 'i' && settle(part.referenced) == Bucket::unsupported &&
             part.referenced.objid >= kFirstUserOid;
    });
  }

 private:
  Bucket decide(const Address& address) {
    const auto claim = reading_.claims.find(address);
    if (claim != reading_.claims.end()) {
      if (claim->second.bucket != Bucket::implied) return claim->second.bucket;
      const Bucket parent = settle(claim->second.parent);
      const bool carried = parent == Bucket::emitted || parent == Bucket::folded;
      return carried ? Bucket::implied : parent;
    }
    // Unclaimed: a part of a temporary object or of an extension's member goes with it.
    const auto parts = part_of_.find(address);
    if (parts == part_of_.end()) return Bucket::unsupported;
    for (const Dependency& part : parts->second) {
      const Bucket whole = settle(part.referenced);
      if (whole == Bucket::excluded) return whole;
      if (whole == Bucket::member && part.type != 'n') return whole;
    }
    return Bucket::unsupported;
  }

  Reading& reading_;
  std::unordered_map<Address, std::vector<Dependency>, AddressHash> part_of_;
  std::unordered_map<Address, Bucket, AddressHash> settled_;
};

using Addresses = std::unordered_set<Address, AddressHash>;

void count_rows_without_oid(Reading& reading, Settlement& settlement, const Addresses& counted) {
  const pg::Result& rows = reading.result("parents");
  const int catalog = rows.column("catalog"), classid = rows.column("classid");
  const int objid = rows.column("objid"), count = rows.column("rows");
  for (int row = 0; row < rows.rows(); ++row) {
    const Address parent{rows.oid(row, classid), rows.oid(row, objid)};
    const std::string name = rows.string(row, catalog);
    Bucket bucket = settlement.settle(parent);
    if (bucket == Bucket::emitted) bucket = Bucket::folded;
    // A comment that its object left behind when it was dropped: the server's own slip.
    if (bucket == Bucket::unsupported && name == "pg_description" && !counted.contains(parent)) {
      bucket = Bucket::excluded;
    }
    reading.catalog.ledger[name][std::string(bucket_name(bucket))] +=
        static_cast<std::uint64_t>(rows.integer(row, count));
  }
}

}  // namespace

void read_implied(Reading& reading) {
  const pg::Result& rows = reading.result("implied");
  const int classid = rows.column("classid"), objid = rows.column("objid");
  const int parent_class = rows.column("parent_class"), parent = rows.column("parent");
  for (int row = 0; row < rows.rows(); ++row) {
    const Address address{rows.oid(row, classid), rows.oid(row, objid)};
    const Address by{rows.oid(row, parent_class), rows.oid(row, parent)};
    if (by.classid == 0) {
      reading.claim(address, Bucket::excluded);
    } else {
      reading.claim_implied(address, by);
    }
  }
}

std::string ledger_statement(const pg::Result& catalogs) {
  const int oid = catalogs.column("oid"), name = catalogs.column("name");
  const int has_oid = catalogs.column("has_oid"), readable = catalogs.column("readable");
  std::string sql = "-- Every row that users caused, in every catalog that has OIDs.\n";
  bool first = true;
  for (int row = 0; row < catalogs.rows(); ++row) {
    if (!catalogs.boolean(row, has_oid)) continue;
    const Oid classid = catalogs.oid(row, oid);
    const std::string catalog = catalogs.string(row, name);
    std::string source = "oid FROM pg_catalog." + quote_identifier(catalog);
    if (classid != class_oid::kLargeObject) source += " WHERE oid >= 16384";
    if (!catalogs.boolean(row, readable)) {
      if (catalog != kUserMapping) {
        throw Error(ErrorKind::not_permitted, "cannot count what the database holds")
            .object("pg_catalog." + catalog)
            .cause("permission denied")
            .next("GRANT SELECT ON pg_catalog." + quote_identifier(catalog) + " TO PUBLIC");
      }
      source = "umid FROM pg_catalog.pg_user_mappings WHERE umid >= 16384";  // without secrets
    }
    sql += (first ? "" : "\nUNION ALL ") + ("SELECT " + std::to_string(classid)) +
           "::oid AS classid, " + source;
    first = false;
  }
  return sql;
}

std::string unknown_catalogs_statement(const pg::Result& catalogs) {
  const int name = catalogs.column("name"), has_oid = catalogs.column("has_oid");
  std::string sql = "SELECT NULL::text AS name WHERE false";
  for (int row = 0; row < catalogs.rows(); ++row) {
    if (catalogs.boolean(row, has_oid)) continue;
    const std::string catalog = catalogs.string(row, name);
    const bool known =
        std::any_of(std::begin(kCatalogsWithoutOid), std::end(kCatalogsWithoutOid),
                    [&](const CatalogWithoutOid& candidate) { return candidate.name == catalog; });
    if (known) continue;
    sql += "\nUNION ALL SELECT " + quote_literal(catalog) +
           " WHERE EXISTS (SELECT FROM pg_catalog." + quote_identifier(catalog) + ")";
  }
  return sql;
}

std::vector<Address> settle_ledger(Reading& reading) {
  Settlement settlement(reading);
  std::vector<Address> unclaimed;
  const pg::Result& rows = reading.result("ledger");
  const int classid = rows.column("classid"), oid = rows.column("oid");
  const bool skip_large_objects = !reading.results.contains("large_objects");
  std::map<Oid, std::map<Bucket, std::uint64_t>> counts;
  Addresses counted;
  for (int row = 0; row < rows.rows(); ++row) {
    const Address address{rows.oid(row, classid), rows.oid(row, oid)};
    counted.insert(address);
    Bucket bucket = settlement.settle(address);
    if (address.classid == class_oid::kLargeObject && skip_large_objects) {
      bucket = Bucket::excluded;
    }
    ++counts[address.classid][bucket];
    if (bucket == Bucket::unsupported && settlement.needs_naming(address)) {
      unclaimed.push_back(address);
    }
  }
  for (const auto& [catalog_oid, buckets] : counts) {
    auto& line = reading.catalog.ledger[reading.catalog.system_names[catalog_oid]];
    for (const auto& [bucket, count] : buckets) line[std::string(bucket_name(bucket))] = count;
  }
  count_rows_without_oid(reading, settlement, counted);
  const pg::Result& unknown = reading.result("unknown_catalogs");
  for (int row = 0; row < unknown.rows(); ++row) {
    reading.refuse("catalog", unknown.string(row, 0), "holds rows and is unknown to belay");
  }
  const pg::Result& columns = reading.result("unknown_columns");
  for (int row = 0; row < columns.rows(); ++row) {
    reading.refuse("catalog column", columns.string(row, 0) + '.' + columns.string(row, 1),
                   "is unknown to belay");
  }
  std::sort(unclaimed.begin(), unclaimed.end());
  return unclaimed;
}

void refuse_unclaimed(Catalog& catalog, const pg::Result& identified) {
  const int classid = identified.column("classid"), objid = identified.column("objid");
  const int type = identified.column("type"), identity = identified.column("identity");
  for (int row = 0; row < identified.rows(); ++row) {
    Unsupported line;
    line.kind = identified.string(row, type);
    line.identity = identified.string(row, identity);
    if (line.kind.empty())
      line.kind = "row of " + catalog.system_names[identified.oid(row, classid)];
    if (line.identity.empty()) line.identity = "OID " + identified.string(row, objid);
    catalog.unsupported.push_back(std::move(line));
  }
}

}  // namespace belay::catalog
