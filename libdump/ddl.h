// Catalog objects as statements. Pure: no connection. Everything is qualified, and quoted where a
// server of any supported major needs it, so that the statements mean the same under an empty
// search_path on any server of the same major or newer. One text for machines and for people.
//
// An entry's identity is (kind, schema, name). Kinds and names:
//   function, procedure, aggregate          name(identity arguments)
//   operator                                name(left type, right type)
//   operator family, operator class         name using access method
//   cast                                    (source AS target); schema is empty
//   transform                               FOR type LANGUAGE language; schema is empty
//   large object                            its OID; schema is empty; section data
//   primary key, unique constraint, exclusion constraint, foreign key, check, trigger
//                                           "NAME on TABLE" (a check of a domain: on DOMAIN)
//   default                                 "COLUMN on TABLE", where it is a statement of its own
//   index, index attachment                 name of the index
//   table attachment                        name of the partition
//   sequence ownership                      name of the sequence
//   type placeholder                        name of the type that is made later
//   view query                              name of the view that was made as a placeholder
//   refresh                                 name of the materialized view; last
//   all others                              their name; schema is empty where they have none (a
//                                           sequence of an identity column is a sequence)
// The parts of a name are not quoted.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "libcore/archive/format.h"
#include "libcore/catalog/model.h"
#include "libcore/catalog/order.h"

namespace belay::dump {

// One archive entry per step of the order, numbered in that order; dependencies by number. Numbers
// begin at 1, or at 2 where the source has no schema public: then the first entry drops it.
// Requires: catalog.unsupported is empty or accepted by the caller.
// Entry::run_as is set on `last` entries only: before the privileges are there, an owner may not
// even be able to name his object.
std::vector<archive::Entry> render_entries(const catalog::Catalog& catalog,
                                           const catalog::Order& order);

// Fills in Entry::describes of what render_entries() made: every object of the schema once, with
// the entry that makes it, or else with the table or domain that it stands in. Returns the
// fingerprint of the objects whose entries are `taken` (by index).
Sha256 describe_entries(const catalog::Catalog& catalog, const catalog::Order& order,
                        const std::vector<bool>& taken, std::vector<archive::Entry>& entries);

archive::DatabaseProperties render_database(const catalog::Catalog& catalog);

// The whole schema as a script that a person can read and psql can run: pre-data, post-data,
// privileges, refreshes, with a short comment line above each object. Byte-identical for the same
// schema: no date, host, version or database name in it. Entries of section data are left out. How
// subscriptions connect is not shown.
// Throws Error{backup_failed} where a statement would make psql run a command of its own.
std::string render_script(const archive::DatabaseProperties& database,
                          const std::vector<archive::Entry>& entries);

// The same in two halves, with room for the rows between them; here the entries of section data
// are in the first.
std::pair<std::string, std::string> render_script_halves(
    const archive::DatabaseProperties& database, const std::vector<archive::Entry>& entries);

}  // namespace belay::dump
