// Text search, foreign data, publications and event triggers.
#include <algorithm>

#include "libcore/catalog/reading.h"
#include "libcore/catalog/restored_spelling.h"

namespace belay::catalog {

namespace {

std::string qualified(const Row& row, std::string_view schema, std::string_view name) {
  return quote_name_pretty({row.text(schema), row.text(name)});
}

}  // namespace

Options options_of(std::string_view array) {
  Options options;
  for (const std::string& text : array_elements(array)) {
    const std::size_t equals = std::min(text.find('='), text.size());
    options.push_back(
        {text.substr(0, equals), equals < text.size() ? text.substr(equals + 1) : std::string()});
  }
  std::sort(options.begin(), options.end(),
            [](const Option& a, const Option& b) { return a.name < b.name; });
  return options;
}

void read(Reading&, const Row& row, TextSearchParser& parser) {
  parser.start = row.text("start");
  parser.token = row.text("token");
  parser.end = row.text("end");
  parser.headline = row.text("headline");
  parser.token_types = row.text("token_types");
}

void read(Reading&, const Row& row, TextSearchTemplate& object) {
  object.init = row.text("init");
  object.lexize = row.text("lexize");
}

void read(Reading&, const Row& row, TextSearchDictionary& dictionary) {
  dictionary.dictionary_template = qualified(row, "template_schema", "template_name");
  dictionary.options = row.text("options");
}

void read(Reading& reading, const Row& row, TextSearchConfiguration& configuration) {
  configuration.parser = qualified(row, "parser_schema", "parser_name");
  if (row.is_null("dictionary_name")) return;  // nothing is mapped
  const std::string token = row.text("token");
  if (row.is_null("token")) {
    reading.refuse("text search configuration", quote_name_pretty(configuration.name),
                   "maps a token type that its parser does not have");
    return;
  }
  auto& mappings = configuration.mappings;
  if (mappings.empty() || mappings.back().token != token) mappings.push_back({token, {}});
  mappings.back().dictionaries.push_back(qualified(row, "dictionary_schema", "dictionary_name"));
}

void read(Reading&, const Row& row, ForeignDataWrapper& wrapper) {
  wrapper.handler = row.text("handler");
  wrapper.validator = row.text("validator");
  wrapper.options = options_of(row.text("options"));
}

void read(Reading&, const Row& row, ForeignServer& server) {
  server.wrapper = row.text("wrapper");
  server.type = row.text("type");
  server.has_type = !row.is_null("type");
  server.version = row.text("version");
  server.has_version = !row.is_null("version");
  server.options = options_of(row.text("options"));
}

void read(Reading& reading, const Row& row, UserMapping& mapping) {
  mapping.role = row.text("role");
  mapping.server = row.text("server");
  if (!row.boolean("readable")) {
    reading.refuse("user mapping", mapping.name.name,
                   "its options are hidden from this role; run belay as a superuser");
  }
  mapping.options = options_of(row.text("options"));
}

void read(Reading& reading, const Row& row, Publication& publication) {
  publication.all_tables = row.boolean("all_tables");
  publication.inserts = row.boolean("inserts");
  publication.updates = row.boolean("updates");
  publication.deletes = row.boolean("deletes");
  publication.truncates = row.boolean("truncates");
  publication.via_partition_root = row.boolean("via_partition_root");
  publication.generated_columns =
      reading.code(row, "generated_columns", "ns", "pg_publication.pubgencols", publication);
}

void read(Reading&, const Row& row, PublicationTable& member) {
  member.table = row.oid("table_oid");
  member.columns = row.list("columns");
  member.filter = spelt_as_restored(row.text("filter"));
}

void read(Reading&, const Row& row, PublicationSchema& member) {
  member.publication = row.text("publication");
  member.published = row.text("published");
}

void read(Reading& reading, const Row& row, Subscription& subscription) {
  subscription.connection = row.text("connection");
  if (!row.is_null("slot")) subscription.slot = row.text("slot");
  subscription.publications = row.list("publications");
  subscription.synchronous_commit = row.text("synchronous_commit");
  subscription.binary = row.boolean("binary");
  subscription.streaming =
      reading.code(row, "streaming", "ftp", "pg_subscription.substream", subscription);
  subscription.two_phase =
      reading.code(row, "two_phase", "dpe", "pg_subscription.subtwophasestate", subscription);
  subscription.disable_on_error = row.boolean("disable_on_error");
  subscription.password_required = row.boolean("password_required");
  subscription.run_as_owner = row.boolean("run_as_owner");
  subscription.failover = row.boolean("failover");
  subscription.origin = row.text("origin");
}

void read(Reading& reading, const Row& row, EventTrigger& trigger) {
  trigger.event = row.text("event");
  trigger.tags = row.list("tags");
  trigger.function = row.text("function");
  trigger.enabled = reading.code(row, "enabled", "ODRA", "pg_event_trigger.evtenabled", trigger);
}

void read(Reading&, const Row& row, Statistics& statistics) {
  statistics.definition = spelt_as_restored(
      row.required("definition", "statistics object " + quote_name_pretty(statistics.name)));
  statistics.target = static_cast<int>(row.integer("target"));
}

}  // namespace belay::catalog
