// Completeness is counted: every row of the system catalogs that users caused ends in one bucket.
#include <algorithm>
#include <optional>

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
  explicit Settlement(Reading& reading) : reading_(reading) {}

  Bucket settle(const Address& address) {
    const auto claim = reading_.claims.find(address);
    if (claim != reading_.claims.end() && claim->second.bucket != Bucket::implied) {
      return claim->second.bucket;
    }
    // Entered before the parents are asked, so that a cycle ends here.
    const auto [entry, is_new] = settled_.try_emplace(address, Bucket::unsupported);
    if (!is_new) return entry->second;
    const Bucket bucket =
        claim == reading_.claims.end() ? with_whole(address) : with_parent(claim->second.parent);
    settled_[address] = bucket;
    return bucket;
  }

  // Whether the row needs a line of its own: nobody claimed it, and it is not the inner part of
  // something that has a line.
  bool needs_naming(const Address& address) {
    const auto claim = reading_.claims.find(address);
    if (claim != reading_.claims.end()) return claim->second.bucket == Bucket::unsupported;
    const std::vector<Dependency>& wholes = wholes_of(address);
    return std::none_of(wholes.begin(), wholes.end(), [&](const Dependency& part) {
      return part.type == 'i' && settle(part.referenced) == Bucket::unsupported &&
             part.referenced.objid >= kFirstUserOid;
    });
  }

 private:
  Bucket with_parent(const Address& parent) {
    const Bucket bucket = settle(parent);
    const bool carried = bucket == Bucket::emitted || bucket == Bucket::folded;
    return carried ? Bucket::implied : bucket;
  }

  // Unclaimed: a part of a temporary object or of an extension's member goes with it.
  Bucket with_whole(const Address& address) {
    for (const Dependency& part : wholes_of(address)) {
      const Bucket whole = settle(part.referenced);
      if (whole == Bucket::excluded) return whole;
      if (whole == Bucket::member && part.type != 'n') return whole;
    }
    return Bucket::unsupported;
  }

  // By what it is a part of. Looked up for what nobody claimed, which is seldom anything.
  const std::vector<Dependency>& wholes_of(const Address& address) {
    if (!wholes_) {
      wholes_.emplace();
      for (const Dependency& dependency : reading_.catalog.dependencies) {
        const bool of_schema = dependency.referenced.classid == class_oid::kNamespace;
        const std::string_view types = of_schema ? "aiPSn" : "aiPS";  // n: of a temporary schema
        if (types.find(dependency.type) == std::string_view::npos) continue;
        (*wholes_)[dependency.dependent].push_back(dependency);
      }
    }
    static const std::vector<Dependency> none;
    const auto found = wholes_->find(address);
    return found == wholes_->end() ? none : found->second;
  }

  Reading& reading_;
  std::optional<ByAddress<std::vector<Dependency>>> wholes_;
  ByAddress<Bucket> settled_;  // of what is not claimed, or implied
};

// Rows that have an OID, by their catalog.
using Counted = std::map<Oid, std::vector<Oid>>;
using Counts = std::map<Bucket, std::uint64_t>;

void add_to_ledger(Reading& reading, const std::string& catalog, const Counts& counts) {
  for (const auto& [bucket, count] : counts) {
    reading.catalog.ledger[catalog][std::string(bucket_name(bucket))] += count;
  }
}

bool is_counted(const Counted& counted, const Address& address) {
  const auto oids = counted.find(address.classid);
  return oids != counted.end() &&
         std::find(oids->second.begin(), oids->second.end(), address.objid) != oids->second.end();
}

void count_rows_without_oid(Reading& reading, Settlement& settlement, const Counted& counted) {
  const pg::Result& rows = reading.result("parents");
  for (int number = 0; number < rows.rows(); ++number) {
    const Row row(rows, number);
    const std::string catalog = row.text("catalog");
    const Oid classid = row.oid("classid");
    Counts counts;
    for (const Oid objid : row.oids("objids")) {
      const Address parent{classid, objid};
      Bucket bucket = settlement.settle(parent);
      if (bucket == Bucket::emitted) bucket = Bucket::folded;
      // A comment that its object left behind when it was dropped: the server's own slip.
      if (bucket == Bucket::unsupported && catalog == "pg_description" &&
          !is_counted(counted, parent)) {
        bucket = Bucket::excluded;
      }
      ++counts[bucket];
    }
    add_to_ledger(reading, catalog, counts);
  }
}

}  // namespace

void read_implied(Reading& reading) {
  const pg::Result& rows = reading.result("implied");
  for (int number = 0; number < rows.rows(); ++number) {
    const Row row(rows, number);
    const Oid classid = row.oid("classid"), parent_class = row.oid("parent_class");
    const std::vector<Oid> objids = row.oids("objids"), parents = row.oids("parents");
    for (std::size_t i = 0; i < objids.size(); ++i) {
      if (i >= parents.size() || parents[i] == 0) {
        reading.claim({classid, objids[i]}, Bucket::excluded);
      } else {
        reading.claim_implied({classid, objids[i]}, {parent_class, parents[i]});
      }
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
    std::string source = "array_agg(oid) AS oids FROM pg_catalog." + quote_identifier(catalog);
    if (classid != class_oid::kLargeObject) source += " WHERE oid >= 16384";
    if (!catalogs.boolean(row, readable)) {
      if (catalog != kUserMapping) {
        throw Error(ErrorKind::not_permitted, "cannot count what the database holds")
            .object("pg_catalog." + catalog)
            .cause("permission denied")
            .next("GRANT SELECT ON pg_catalog." + quote_identifier(catalog) + " TO PUBLIC");
      }
      // Without secrets.
      source = "array_agg(umid) AS oids FROM pg_catalog.pg_user_mappings WHERE umid >= 16384";
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
  const bool skip_large_objects = !reading.results.contains("large_objects");
  Counted counted;
  for (int row = 0; row < rows.rows(); ++row) {
    counted.emplace(rows.oid(row, 0), Row(rows, row).oids("oids"));
  }
  for (const auto& [classid, oids] : counted) {
    Counts counts;
    for (const Oid oid : oids) {
      const Address address{classid, oid};
      Bucket bucket = settlement.settle(address);
      if (classid == class_oid::kLargeObject && skip_large_objects) bucket = Bucket::excluded;
      ++counts[bucket];
      if (bucket == Bucket::unsupported && settlement.needs_naming(address)) {
        unclaimed.push_back(address);
      }
    }
    add_to_ledger(reading, reading.catalog.system_names[classid], counts);
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
