#include "libcore/archive/toc_line.h"

#include <algorithm>
#include <limits>

#include "libcore/archive/members.h"

namespace belay::archive {
namespace {

constexpr std::array kSections = {Section::pre_data, Section::data, Section::post_data};
constexpr std::array kKinds = {DataKind::table, DataKind::sequence_states, DataKind::large_objects,
                               DataKind::planner_statistics};
constexpr std::array kFormats = {CopyFormat::text, CopyFormat::binary};
constexpr std::array kCompressions = {Compression::zstd, Compression::gzip, Compression::none};

QualifiedName load_root_of(const Fields& fields) {
  const nlohmann::json& root = fields.value("load_root");
  if (root.is_null()) return {};
  const std::vector<std::string> names = fields.texts("load_root");
  if (names.size() != 2 || names[1].empty()) fields.refuse("load_root", "not a schema and a name");
  return {names[0], names[1]};
}

std::vector<std::string> roles_of_acl(const Fields& fields, const std::vector<std::string>& acl) {
  if (!fields.has("acl_run_as")) return {};
  const std::vector<std::string> roles = fields.texts("acl_run_as");
  if (!roles.empty() && roles.size() != acl.size()) {
    fields.refuse("acl_run_as", "not one role for each statement of acl");
  }
  return roles;
}

nlohmann::json to_json(const std::vector<Description>& descriptions) {
  nlohmann::json list = nlohmann::json::array();
  for (const Description& description : descriptions) {
    list.push_back({{"kind", description.kind},
                    {"identity", description.identity},
                    {"properties", nlohmann::json::parse(description.properties)}});
  }
  return list;
}

std::vector<Description> descriptions_of(const Fields& fields) {
  if (!fields.has("describes")) return {};
  const nlohmann::json& list = fields.value("describes");
  if (!list.is_array()) fields.refuse("describes", "not a list");
  std::vector<Description> descriptions;
  for (const nlohmann::json& element : list) {
    const Fields description(element, fields.where());
    const nlohmann::json& properties = description.value("properties");
    if (!properties.is_object()) fields.refuse("properties", "not an object");
    descriptions.push_back(
        {description.text("kind"), description.text("identity"), properties.dump()});
  }
  return descriptions;
}

}  // namespace

nlohmann::json to_json(const DatabaseProperties& properties) {
  nlohmann::json json = {{"type", "database"},
                         {"name", properties.name},
                         {"owner", properties.owner},
                         {"encoding", properties.encoding},
                         {"locale_provider", properties.locale_provider},
                         {"lc_collate", properties.lc_collate},
                         {"lc_ctype", properties.lc_ctype},
                         {"locale", properties.locale},
                         {"icu_rules", properties.icu_rules},
                         {"lc_monetary", properties.lc_monetary},
                         {"connection_limit", properties.connection_limit},
                         {"is_template", properties.is_template},
                         {"acl", properties.acl},
                         {"acl_run_as", properties.acl_run_as},
                         {"comment", properties.comment},
                         {"settings", properties.settings}};
  if (!properties.tablespace.empty()) json["tablespace"] = properties.tablespace;
  if (!properties.label.empty()) json["label"] = properties.label;
  return json;
}

DatabaseProperties database_of(const Fields& fields) {
  DatabaseProperties properties;
  properties.name = fields.text("name");
  properties.owner = fields.text("owner");
  properties.encoding = fields.text("encoding");
  properties.locale_provider = fields.text("locale_provider");
  properties.lc_collate = fields.text("lc_collate");
  properties.lc_ctype = fields.text("lc_ctype");
  properties.locale = fields.text("locale");
  properties.icu_rules = fields.text("icu_rules");
  properties.lc_monetary = fields.text("lc_monetary");
  if (fields.has("tablespace")) properties.tablespace = fields.text("tablespace");
  properties.connection_limit =
      fields.integer("connection_limit", -1, std::numeric_limits<int>::max());
  properties.is_template = fields.flag("is_template");
  properties.acl = fields.texts("acl");
  properties.acl_run_as = roles_of_acl(fields, properties.acl);
  properties.comment = fields.texts("comment");
  if (fields.has("label")) properties.label = fields.texts("label");
  properties.settings = fields.texts("settings");
  return properties;
}

nlohmann::json to_json(const Entry& entry) {
  nlohmann::json json = {{"type", "entry"},
                         {"number", entry.number},
                         {"kind", entry.kind},
                         {"schema", entry.schema},
                         {"name", entry.name},
                         {"section", to_word(entry.section)},
                         {"depends_on", entry.depends_on},
                         {"owner", entry.owner},
                         {"create", entry.create},
                         {"set_owner", entry.set_owner},
                         {"acl", entry.acl},
                         {"acl_run_as", entry.acl_run_as},
                         {"comment", entry.comment},
                         {"label", entry.label},
                         {"last", entry.last},
                         {"run_as", entry.run_as},
                         {"describes", to_json(entry.describes)}};
  if (!entry.tablespace.empty()) json["tablespace"] = entry.tablespace;
  return json;
}

Entry entry_of(const Fields& fields) {
  Entry entry;
  entry.number = fields.integer("number", 1, kMaxNumber);
  entry.kind = fields.text("kind");
  entry.schema = fields.text("schema");
  entry.name = fields.text("name");
  entry.section = fields.word("section", kSections);
  entry.depends_on = fields.integers("depends_on", 1, kMaxNumber);
  entry.owner = fields.text("owner");
  entry.create = fields.texts("create");
  entry.set_owner = fields.texts("set_owner");
  entry.acl = fields.texts("acl");
  entry.acl_run_as = roles_of_acl(fields, entry.acl);
  entry.comment = fields.texts("comment");
  entry.label = fields.texts("label");
  entry.last = fields.flag("last");
  entry.run_as = fields.text("run_as");
  entry.describes = descriptions_of(fields);
  if (fields.has("tablespace")) entry.tablespace = fields.text("tablespace");
  return entry;
}

nlohmann::json to_json(const DataItem& item) {
  const QualifiedName& root = item.load_root;
  return {{"type", "item"},
          {"number", item.number},
          {"kind", to_word(item.kind)},
          {"entry", item.entry},
          {"schema", item.schema},
          {"name", item.name},
          {"owner", item.owner},
          {"columns", item.columns},
          {"generated", item.generated},
          {"format", to_word(item.format)},
          {"compression", to_word(item.compression)},
          {"encoding", item.encoding},
          {"cut", item.cut},
          {"load_root",
           root.name.empty() ? nlohmann::json() : nlohmann::json::array({root.schema, root.name})},
          {"estimated_bytes", item.estimated_bytes}};
}

DataItem item_of(const Fields& fields) {
  DataItem item;
  item.number = fields.integer("number", 1, kMaxNumber);
  item.kind = fields.word("kind", kKinds);
  item.entry = fields.integer("entry", 0, kMaxNumber);
  item.schema = fields.text("schema");
  item.name = fields.text("name");
  item.owner = fields.text("owner");
  item.columns = fields.texts("columns");
  item.generated = fields.texts("generated");
  item.format = fields.word("format", kFormats);
  item.compression = fields.word("compression", kCompressions);
  item.encoding = fields.text("encoding");
  item.cut = fields.flag("cut");
  item.load_root = load_root_of(fields);
  item.estimated_bytes = fields.number("estimated_bytes");
  return item;
}

std::string_view defect(const Entry& entry) {
  if (std::any_of(entry.depends_on.begin(), entry.depends_on.end(),
                  [&](int number) { return number < 1 || number >= entry.number; })) {
    return "it depends on an entry that does not come before it";
  }
  if (!entry.acl_run_as.empty() && entry.acl_run_as.size() != entry.acl.size()) {
    return "it has not one role for each statement of acl";
  }
  return {};
}

std::string_view defect(const DataItem& item) {
  const bool is_table = item.kind == DataKind::table;
  if (is_table != (item.entry > 0)) return "only tables have an entry, and all of them";
  if (!is_table && item.format != CopyFormat::text) return "only tables may be binary";
  return {};
}

}  // namespace belay::archive
