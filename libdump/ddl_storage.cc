// How relations are kept: parameters, attributes of columns, CLUSTER, replica identity.
#include "libcore/base/error.h"
#include "libdump/ddl_render.h"

namespace belay::dump {

using archive::Entry;

namespace {

void add_parameters(std::vector<std::string>& items, std::string_view prefix,
                    const std::vector<std::string>& options) {
  for (const std::string& option : options) {
    const std::size_t equals = option.find('=');
    std::string item = std::string(prefix) + quote_identifier_pretty(option.substr(0, equals));
    if (equals != std::string::npos) item += '=' + quote_literal(option.substr(equals + 1));
    items.push_back(std::move(item));
  }
}

std::string_view storage_word(const catalog::Column& column) {
  switch (column.storage) {
    case 'p':
      return "PLAIN";
    case 'e':
      return "EXTERNAL";
    case 'm':
      return "MAIN";
    case 'x':
      return "EXTENDED";
    default:
      throw Error(ErrorKind::internal, "unknown storage of a column").object(column.name);
  }
}

}  // namespace

std::string storage_parameters(const std::vector<std::string>& options,
                               const std::vector<std::string>& toast_options) {
  std::vector<std::string> items;
  add_parameters(items, "", options);
  add_parameters(items, "toast.", toast_options);
  return joined(items, ", ");
}

std::string storage_clause(const catalog::Storage& storage) {
  const std::string parameters = storage_parameters(storage.options, storage.toast_options);
  return parameters.empty() ? "" : " WITH (" + parameters + ')';
}

void add_storage(Entry& entry, const QualifiedName& relation,
                 const std::vector<catalog::Column>& columns, const catalog::Storage& storage) {
  const std::string alter = "ALTER TABLE ONLY " + quote_name_pretty(relation);
  for (const catalog::Column& column : columns) {
    const std::string start = alter + " ALTER COLUMN " + quote_identifier_pretty(column.name);
    if (column.statistics_target >= 0) {
      entry.create.push_back(start + " SET STATISTICS " + std::to_string(column.statistics_target));
    }
    if (column.storage != 0) {
      entry.create.push_back(start + " SET STORAGE " + std::string(storage_word(column)));
    }
    if (column.compression != 0) {
      entry.create.push_back(start + " SET COMPRESSION " +
                             (column.compression == 'l' ? "lz4" : "pglz"));
    }
    if (!column.options.empty()) {
      entry.create.push_back(start + " SET (" + storage_parameters(column.options) + ')');
    }
  }
  if (storage.replica_identity == 'n' || storage.replica_identity == 'f') {
    entry.create.push_back(alter + " REPLICA IDENTITY " +
                           (storage.replica_identity == 'n' ? "NOTHING" : "FULL"));
  }
}

void add_storage(Entry& entry, const QualifiedName& relation, const catalog::Index& index) {
  const std::string name = quote_name_pretty(index.name);
  const std::string alter = "ALTER TABLE ONLY " + quote_name_pretty(relation);
  const std::string without_schema = quote_identifier_pretty(index.name.name);
  if (index.constraint != 0 && !index.options.empty()) {
    entry.create.push_back("ALTER INDEX " + name + " SET (" + storage_parameters(index.options) +
                           ')');
  }
  for (const std::string& target : index.statistics_targets) {
    const std::size_t equals = target.find('=');
    entry.create.push_back("ALTER INDEX " + name + " ALTER COLUMN " + target.substr(0, equals) +
                           " SET STATISTICS " + target.substr(equals + 1));
  }
  if (index.clustered) entry.create.push_back(alter + " CLUSTER ON " + without_schema);
  if (index.replica_identity) {
    entry.create.push_back(alter + " REPLICA IDENTITY USING INDEX " + without_schema);
  }
}

}  // namespace belay::dump
