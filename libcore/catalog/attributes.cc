// What is not carried yet and has no catalog row of its own to be counted by.
#include <algorithm>

#include "libcore/base/error.h"
#include "libcore/catalog/reading.h"

namespace belay::catalog {

namespace {

void refuse_attributes(Reading& reading) {
  const pg::Result& rows = reading.result("attributes");
  const int kind = rows.column("kind"), classid = rows.column("classid");
  const int objid = rows.column("objid"), detail = rows.column("detail");
  const int identity = rows.column("identity");
  for (int row = 0; row < rows.rows(); ++row) {
    const Address address{rows.oid(row, classid), rows.oid(row, objid)};
    const auto claim = reading.claims.find(address);
    // What an extension's script sets on its own objects is the script's business.
    const bool of_others =
        claim != reading.claims.end() &&
        (claim->second.bucket == Bucket::member || claim->second.bucket == Bucket::excluded);
    if (of_others) continue;
    reading.refuse(rows.string(row, kind), rows.string(row, identity), rows.string(row, detail));
  }
}

void refuse_hung(Reading& reading) {
  const pg::Result& rows = reading.result("hung");
  const int classid = rows.column("classid"), objid = rows.column("objid");
  const int by_extension = rows.column("by_extension");
  for (int row = 0; row < rows.rows(); ++row) {
    if (rows.boolean(row, by_extension)) continue;
    // Who nobody carries: settle_ledger() names it, rather than let it go with its member.
    reading.claim({rows.oid(row, classid), rows.oid(row, objid)}, Bucket::unsupported);
  }
}

void read_extension_dependencies(Reading& reading) {
  std::map<Oid, std::string> extensions;
  for (const Extension& extension : reading.catalog.extensions) {
    extensions.emplace(extension.address.objid, extension.name.name);
  }
  for (const Dependency& dependency : reading.catalog.dependencies) {
    if (dependency.type != 'x') continue;
    const auto object = reading.objects.find(dependency.dependent);
    if (object == reading.objects.end()) continue;  // refused or left out already
    const auto extension = extensions.find(dependency.referenced.objid);
    if (extension == extensions.end()) {
      reading.refuse("DEPENDS ON EXTENSION", quote_name_pretty(object->second->name), "");
    } else {
      object->second->depends_on_extensions.push_back(extension->second);
    }
  }
  for (auto& [address, object] : reading.objects) {
    std::sort(object->depends_on_extensions.begin(), object->depends_on_extensions.end());
  }
}

// As the server's own dump does: its rows are still there, only the parent does not show them.
void warn_of_detaching(Reading& reading) {
  const pg::Result& rows = reading.result("detaching");
  for (int row = 0; row < rows.rows(); ++row) {
    const std::string name = quote_name_pretty(
        {rows.string(row, rows.column("schema")), rows.string(row, rows.column("name"))});
    reading.catalog.warnings.push_back("DETACH PARTITION CONCURRENTLY of " + name +
                                       " was interrupted; it is carried as attached: ALTER TABLE " +
                                       rows.string(row, rows.column("parent")) +
                                       " DETACH PARTITION " + name + " FINALIZE");
  }
}

// As the server's own dump does: names of these triggers hold OIDs, so that no statement can name
// those of a copy.
void warn_of_disabled_enforcement(Reading& reading) {
  const pg::Result& rows = reading.result("disabled_enforcement");
  for (int row = 0; row < rows.rows(); ++row) {
    reading.catalog.warnings.push_back("triggers of table " +
                                       quote_name_pretty({rows.string(row, rows.column("schema")),
                                                          rows.string(row, rows.column("name"))}) +
                                       " that enforce its keys are disabled; they come back "
                                       "enabled, and rows that break a foreign "
                                       "key cannot be restored");
  }
}

// The server's own dump says nothing of them.
void warn_of_what_is_made_anew(Reading& reading) {
  const pg::Result& rows = reading.result("made_anew");
  for (int row = 0; row < rows.rows(); ++row) {
    const std::string name = quote_name_pretty(
        {rows.string(row, rows.column("schema")), rows.string(row, rows.column("name"))});
    const bool altered = rows.boolean(row, rows.column("is_function"));
    reading.catalog.warnings.push_back(
        altered
            ? "function " + name +
                  ", which makes ranges, was altered; it comes back as its type makes it"
            : "extension " + name + " was dropped; a restored database has it, as every new one");
  }
}

}  // namespace

void read_attributes(Reading& reading) {
  refuse_attributes(reading);
  refuse_hung(reading);
  read_extension_dependencies(reading);
  warn_of_detaching(reading);
  warn_of_disabled_enforcement(reading);
  warn_of_what_is_made_anew(reading);
}

}  // namespace belay::catalog
