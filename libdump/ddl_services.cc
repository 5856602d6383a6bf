// Text search, foreign data, publications, event triggers and statistics objects.
#include "libcore/base/error.h"
#include "libdump/ddl_render.h"

namespace belay::dump {

using archive::Entry;

namespace {

// "START = f", unless there is none.
void add_clause(std::vector<std::string>& clauses, std::string_view word, const std::string& text) {
  if (!text.empty()) clauses.push_back(std::string(word) + " = " + text);
}

}  // namespace

std::string options_clause(const catalog::Options& options) {
  if (options.empty()) return "";
  std::vector<std::string> items;
  for (const catalog::Option& option : options) {
    items.push_back(quote_identifier_pretty(option.name) + ' ' + quote_literal(option.value));
  }
  return " OPTIONS (\n    " + joined(items, ",\n    ") + "\n)";
}

void render(const Lookup&, const catalog::TextSearchParser& parser, Entry& entry) {
  const std::string target = "TEXT SEARCH PARSER " + quote_name_pretty(parser.name);
  std::vector<std::string> clauses;
  add_clause(clauses, "START", parser.start);
  add_clause(clauses, "GETTOKEN", parser.token);
  add_clause(clauses, "END", parser.end);
  add_clause(clauses, "HEADLINE", parser.headline);
  add_clause(clauses, "LEXTYPES", parser.token_types);
  entry.create.push_back("CREATE " + target + " (\n    " + joined(clauses, ",\n    ") + "\n)");
  add_comment(entry, target, parser);
}

void render(const Lookup&, const catalog::TextSearchTemplate& object, Entry& entry) {
  const std::string target = "TEXT SEARCH TEMPLATE " + quote_name_pretty(object.name);
  std::vector<std::string> clauses;
  add_clause(clauses, "INIT", object.init);
  add_clause(clauses, "LEXIZE", object.lexize);
  entry.create.push_back("CREATE " + target + " (\n    " + joined(clauses, ",\n    ") + "\n)");
  add_comment(entry, target, object);
}

void render(const Lookup&, const catalog::TextSearchDictionary& dictionary, Entry& entry) {
  const std::string target = "TEXT SEARCH DICTIONARY " + quote_name_pretty(dictionary.name);
  std::vector<std::string> clauses;
  add_clause(clauses, "TEMPLATE", dictionary.dictionary_template);
  if (!dictionary.options.empty()) clauses.push_back(dictionary.options);
  entry.create.push_back("CREATE " + target + " (\n    " + joined(clauses, ",\n    ") + "\n)");
  add_owner(entry, target, dictionary);
  add_comment(entry, target, dictionary);
}

void render(const Lookup&, const catalog::TextSearchConfiguration& configuration, Entry& entry) {
  const std::string target = "TEXT SEARCH CONFIGURATION " + quote_name_pretty(configuration.name);
  entry.create.push_back("CREATE " + target + " (\n    PARSER = " + configuration.parser + "\n)");
  for (const auto& mapping : configuration.mappings) {
    entry.create.push_back("ALTER " + target + "\n    ADD MAPPING FOR " +
                           quote_identifier_pretty(mapping.token) + " WITH " +
                           joined(mapping.dictionaries, ", "));
  }
  add_owner(entry, target, configuration);
  add_comment(entry, target, configuration);
}

void render(const Lookup& lookup, const catalog::ForeignDataWrapper& wrapper, Entry& entry) {
  const std::string target = "FOREIGN DATA WRAPPER " + quote_name_pretty(wrapper.name);
  std::string create = "CREATE " + target;
  if (!wrapper.handler.empty()) create += " HANDLER " + wrapper.handler;
  if (!wrapper.validator.empty()) create += " VALIDATOR " + wrapper.validator;
  entry.create.push_back(create + options_clause(wrapper.options));
  add_owner(entry, target, wrapper);
  add_comment(entry, target, wrapper);
  add_grants(lookup, entry, wrapper, Grantable::foreign, target);
}

void render(const Lookup& lookup, const catalog::ForeignServer& server, Entry& entry) {
  const std::string name = quote_name_pretty(server.name);
  std::string create = "CREATE SERVER " + name;
  if (server.has_type) create += " TYPE " + quote_literal(server.type);
  if (server.has_version) create += " VERSION " + quote_literal(server.version);
  create += " FOREIGN DATA WRAPPER " + quote_identifier_pretty(server.wrapper);
  entry.create.push_back(create + options_clause(server.options));
  add_owner(entry, "SERVER " + name, server);
  add_comment(entry, "SERVER " + name, server);
  add_grants(lookup, entry, server, Grantable::foreign, "FOREIGN SERVER " + name);
}

void render(const Lookup&, const catalog::UserMapping& mapping, Entry& entry) {
  const std::string role = mapping.role.empty() ? "PUBLIC" : quote_identifier_pretty(mapping.role);
  entry.create.push_back("CREATE USER MAPPING FOR " + role + " SERVER " +
                         quote_identifier_pretty(mapping.server) + options_clause(mapping.options));
}

void render(const Lookup&, const catalog::Publication& publication, Entry& entry) {
  const std::string target = "PUBLICATION " + quote_name_pretty(publication.name);
  std::vector<std::string> published;
  if (publication.inserts) published.push_back("insert");
  if (publication.updates) published.push_back("update");
  if (publication.deletes) published.push_back("delete");
  if (publication.truncates) published.push_back("truncate");
  std::string create = "CREATE " + target;
  if (publication.all_tables) create += " FOR ALL TABLES";
  create += " WITH (publish = " + quote_literal(joined(published, ", "));
  if (publication.via_partition_root) create += ", publish_via_partition_root = true";
  if (publication.generated_columns == 's') create += ", publish_generated_columns = stored";
  entry.create.push_back(create + ')');
  add_owner(entry, target, publication);
  add_comment(entry, target, publication);
}

void render(const Lookup& lookup, const catalog::PublicationTable& member, Entry& entry) {
  const Lookup::Relation& table = lookup.relation(member.table, member);
  std::string text = "ALTER PUBLICATION " + quote_identifier_pretty(member.name.name) +
                     " ADD TABLE ONLY " + quote_name_pretty(table.name);
  std::vector<std::string> columns;
  for (const std::string& column : member.columns) {
    columns.push_back(quote_identifier_pretty(column));
  }
  if (!columns.empty()) text += " (" + joined(columns, ", ") + ')';
  if (!member.filter.empty()) text += " WHERE (" + member.filter + ')';
  entry.create.push_back(std::move(text));
}

void render(const Lookup&, const catalog::PublicationSchema& member, Entry& entry) {
  entry.create.push_back("ALTER PUBLICATION " + quote_identifier_pretty(member.publication) +
                         " ADD TABLES IN SCHEMA " + quote_identifier_pretty(member.published));
}

// Not connected, and so not enabled: what it subscribes to may be subscribed to elsewhere by now.
void render(const Lookup& lookup, const catalog::Subscription& subscription, Entry& entry) {
  const std::string target = "SUBSCRIPTION " + quote_name_pretty(subscription.name);
  std::vector<std::string> publications;
  for (const std::string& publication : subscription.publications) {
    publications.push_back(quote_identifier_pretty(publication));
  }
  std::string create = "CREATE " + target + " CONNECTION " +
                       quote_literal(subscription.connection) + " PUBLICATION " +
                       joined(publications, ", ") + " WITH (connect = false, slot_name = " +
                       (subscription.slot ? quote_literal(*subscription.slot) : "NONE");
  if (subscription.binary) create += ", binary = true";
  switch (subscription.streaming) {
    case 'f':  // the default up to server 17; server 13 has no such option
      if (lookup.catalog.identity.server_major() >= 14) create += ", streaming = off";
      break;
    case 't':
      create += ", streaming = on";
      break;
    case 'p':
      create += ", streaming = parallel";
      break;
    default:
      throw Error(ErrorKind::internal, "unknown streaming of a subscription").object(target);
  }
  if (subscription.two_phase != 'd') create += ", two_phase = on";
  if (subscription.disable_on_error) create += ", disable_on_error = true";
  if (!subscription.password_required) create += ", password_required = false";
  if (subscription.run_as_owner) create += ", run_as_owner = true";
  if (subscription.failover) create += ", failover = true";
  if (subscription.synchronous_commit != "off") {
    create += ", synchronous_commit = " + quote_literal(subscription.synchronous_commit);
  }
  if (subscription.origin != "any") create += ", origin = " + quote_literal(subscription.origin);
  entry.create.push_back(create + ')');
  entry.last = true;  // a database that has one cannot be dropped
  add_owner(entry, target, subscription);
  add_comment(entry, target, subscription);
}

// Last: it must not look at the statements of the restore itself.
void render(const Lookup&, const catalog::EventTrigger& trigger, Entry& entry) {
  const std::string target = "EVENT TRIGGER " + quote_name_pretty(trigger.name);
  std::string create = "CREATE " + target + " ON " + quote_identifier_pretty(trigger.event);
  std::vector<std::string> tags;
  for (const std::string& tag : trigger.tags) tags.push_back(quote_literal(tag));
  if (!tags.empty()) create += "\n    WHEN TAG IN (" + joined(tags, ", ") + ')';
  entry.create.push_back(create + "\n    EXECUTE FUNCTION " + trigger.function + "()");
  switch (trigger.enabled) {
    case 'O':
      break;
    case 'D':
      entry.create.push_back("ALTER " + target + " DISABLE");
      break;
    case 'R':
      entry.create.push_back("ALTER " + target + " ENABLE REPLICA");
      break;
    case 'A':
      entry.create.push_back("ALTER " + target + " ENABLE ALWAYS");
      break;
    default:
      throw Error(ErrorKind::internal, "unknown state of an event trigger").object(target);
  }
  entry.last = true;
  add_owner(entry, target, trigger);
  add_comment(entry, target, trigger);
}

void render(const Lookup&, const catalog::Statistics& statistics, Entry& entry) {
  const std::string target = "STATISTICS " + quote_name_pretty(statistics.name);
  entry.create.push_back(statistics.definition);
  if (statistics.target >= 0) {
    entry.create.push_back("ALTER " + target + " SET STATISTICS " +
                           std::to_string(statistics.target));
  }
  add_owner(entry, target, statistics);
  add_comment(entry, target, statistics);
}

}  // namespace belay::dump
