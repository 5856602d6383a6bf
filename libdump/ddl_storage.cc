// How relations and their columns are stored.
#include "libcore/base/error.h"
#include "libdump/ddl_render.h"

namespace belay::dump {

using archive::Entry;
using catalog::Column;

namespace {

std::string_view compression_word(char letter) {
  switch (letter) {
    case 'p':
      return "pglz";
    case 'l':
      return "lz4";
    default:
      throw Error(ErrorKind::internal, "unknown compression of a column")
          .object(std::string(1, letter));
  }
}

}  // namespace

std::string_view storage_word(char letter) {
  switch (letter) {
    case 'p':
      return "PLAIN";
    case 'e':
      return "EXTERNAL";
    case 'm':
      return "MAIN";
    case 'x':
      return "EXTENDED";
    default:
      throw Error(ErrorKind::internal, "unknown storage of a column")
          .object(std::string(1, letter));
  }
}

std::string option_list(const std::vector<std::string>& options) {
  constexpr std::string_view kToast = "toast.";
  std::vector<std::string> items;
  for (std::string_view option : options) {
    std::string item;
    if (option.starts_with(kToast)) {
      item = kToast;
      option.remove_prefix(kToast.size());
    }
    const std::size_t equals = option.find('=');
    item += quote_identifier_pretty(option.substr(0, equals));
    if (equals != std::string_view::npos) item += '=' + quote_literal(option.substr(equals + 1));
    items.push_back(std::move(item));
  }
  return joined(items, ", ");
}

std::string with_clause(const std::vector<std::string>& options) {
  return options.empty() ? "" : " WITH (" + option_list(options) + ')';
}

void add_column_attributes(Entry& entry, const QualifiedName& relation,
                           const std::vector<Column>& columns) {
  for (const Column& column : columns) {
    const std::string alter = "ALTER TABLE ONLY " + quote_name_pretty(relation) + " ALTER COLUMN " +
                              quote_identifier_pretty(column.name) + " SET ";
    if (column.statistics >= 0) {
      entry.create.push_back(alter + "STATISTICS " + std::to_string(column.statistics));
    }
    if (column.storage != 0) {
      entry.create.push_back(alter + "STORAGE " + std::string(storage_word(column.storage)));
    }
    if (column.compression != 0) {
      entry.create.push_back(alter + "COMPRESSION " +
                             std::string(compression_word(column.compression)));
    }
    if (!column.foreign_options.empty()) {
      entry.create.push_back("ALTER FOREIGN TABLE ONLY " + quote_name_pretty(relation) +
                             " ALTER COLUMN " + quote_identifier_pretty(column.name) +
                             options_clause(column.foreign_options));
    }
    if (!column.options.empty()) {
      entry.create.push_back(alter + '(' + option_list(column.options) + ')');
    }
  }
}

void add_replica_identity(Entry& entry, const QualifiedName& relation, char letter) {
  const std::string alter =
      "ALTER TABLE ONLY " + quote_name_pretty(relation) + " REPLICA IDENTITY ";
  switch (letter) {
    case 'd':
    case 'i':  // the index sets it
      return;
    case 'n':
      entry.create.push_back(alter + "NOTHING");
      return;
    case 'f':
      entry.create.push_back(alter + "FULL");
      return;
    default:
      throw Error(ErrorKind::internal, "unknown replica identity").object(std::string(1, letter));
  }
}

void add_index_attributes(Entry& entry, const QualifiedName& table, const catalog::Index& index) {
  for (const auto& [column, target] : index.statistics) {
    entry.create.push_back("ALTER INDEX " + quote_name_pretty(index.name) + " ALTER COLUMN " +
                           std::to_string(column) + " SET STATISTICS " + std::to_string(target));
  }
  const std::string name = quote_identifier_pretty(index.name.name);
  if (index.clustered) {
    entry.create.push_back("ALTER TABLE " + quote_name_pretty(table) + " CLUSTER ON " + name);
  }
  if (index.replica_identity) {
    entry.create.push_back("ALTER TABLE ONLY " + quote_name_pretty(table) +
                           " REPLICA IDENTITY USING INDEX " + name);
  }
}

}  // namespace belay::dump
