// Text search, foreign data, publications and event triggers as properties.
#include "libcore/catalog/canonical_describe.h"

namespace belay::catalog {

void add_options(Json& properties, const char* key, const Options& options) {
  if (options.empty()) return;
  Json object = Json::object();
  for (const Option& option : options) object[option.name] = option.value;
  properties[key] = std::move(object);
}

void describe(const Names&, const TextSearchParser& parser, Description& description) {
  Json& properties = description.properties;
  properties["start"] = parser.start;
  properties["token"] = parser.token;
  properties["end"] = parser.end;
  properties["token_types"] = parser.token_types;
  add_text(properties, "headline", parser.headline);
}

void describe(const Names&, const TextSearchTemplate& object, Description& description) {
  add_text(description.properties, "init", object.init);
  description.properties["lexize"] = object.lexize;
}

void describe(const Names&, const TextSearchDictionary& dictionary, Description& description) {
  description.properties["template"] = dictionary.dictionary_template;
  add_text(description.properties, "options", dictionary.options);
}

void describe(const Names&, const TextSearchConfiguration& configuration,
              Description& description) {
  description.properties["parser"] = configuration.parser;
  Json mappings = Json::object();
  for (const auto& mapping : configuration.mappings) mappings[mapping.token] = mapping.dictionaries;
  description.properties["mappings"] = std::move(mappings);
}

void describe(const Names&, const ForeignDataWrapper& wrapper, Description& description) {
  add_text(description.properties, "handler", wrapper.handler);
  add_text(description.properties, "validator", wrapper.validator);
  add_options(description.properties, "options", wrapper.options);
}

void describe(const Names&, const ForeignServer& server, Description& description) {
  Json& properties = description.properties;
  properties["wrapper"] = server.wrapper;
  if (server.has_type) properties["type"] = server.type;
  if (server.has_version) properties["version"] = server.version;
  add_options(properties, "options", server.options);
}

// Values are secrets, and who may do what where is told by the names alone.
void describe(const Names&, const UserMapping& mapping, Description& description) {
  description.identity =
      (mapping.role.empty() ? std::string("PUBLIC") : quote_identifier_pretty(mapping.role)) +
      " on server " + quote_identifier_pretty(mapping.server);
  Options options = mapping.options;
  for (Option& option : options) option.value = "(not shown)";
  add_options(description.properties, "options", options);
}

void describe(const Names&, const Publication& publication, Description& description) {
  Json& properties = description.properties;
  add_flag(properties, "all_tables", publication.all_tables);
  properties["inserts"] = publication.inserts;
  properties["updates"] = publication.updates;
  properties["deletes"] = publication.deletes;
  properties["truncates"] = publication.truncates;
  add_flag(properties, "via_partition_root", publication.via_partition_root);
  if (publication.generated_columns != 'n') {
    add_letter(properties, "generated_columns", publication.generated_columns);
  }
}

void describe(const Names&, const PublicationTable& member, Description& description) {
  if (!member.columns.empty()) description.properties["columns"] = member.columns;
  add_text(description.properties, "filter", member.filter);
}

void describe(const Names&, const PublicationSchema& member, Description& description) {
  description.identity = quote_identifier_pretty(member.published) + " in " +
                         quote_identifier_pretty(member.publication);
}

// Where it connects to may be a secret; whether it is enabled is not carried.
void describe(const Names&, const Subscription& subscription, Description& description) {
  Json& properties = description.properties;
  properties["connection"] = "(not shown)";
  if (subscription.slot) properties["slot"] = *subscription.slot;
  properties["publications"] = subscription.publications;
  if (subscription.synchronous_commit != "off") {
    properties["synchronous_commit"] = subscription.synchronous_commit;
  }
  add_flag(properties, "binary", subscription.binary);
  if (subscription.streaming != 'f') add_letter(properties, "streaming", subscription.streaming);
  add_flag(properties, "two_phase", subscription.two_phase != 'd');
  add_flag(properties, "disable_on_error", subscription.disable_on_error);
  add_flag(properties, "no_password_required", !subscription.password_required);
  add_flag(properties, "run_as_owner", subscription.run_as_owner);
  add_flag(properties, "failover", subscription.failover);
  if (subscription.origin != "any") properties["origin"] = subscription.origin;
}

void describe(const Names&, const EventTrigger& trigger, Description& description) {
  Json& properties = description.properties;
  properties["event"] = trigger.event;
  if (!trigger.tags.empty()) properties["tags"] = trigger.tags;
  properties["function"] = trigger.function;
  if (trigger.enabled != 'O') add_letter(properties, "enabled", trigger.enabled);
}

void describe(const Names&, const Statistics& statistics, Description& description) {
  description.properties["definition"] = statistics.definition;
  if (statistics.target >= 0) description.properties["target"] = statistics.target;
}

}  // namespace belay::catalog
