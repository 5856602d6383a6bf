// In which order objects can be created: dependencies first, otherwise by kind and name, so that
// the order never depends on OIDs or on history.
#pragma once

#include <vector>

#include "libcore/catalog/kinds.h"

namespace belay::catalog {

// What of an object a step creates.
enum class Part {
  whole,
  placeholder,   // view as SELECT NULL::type AS column, ...; type as a shell
  body,          // the real query of a placeholder, CREATE OR REPLACE
  attach,        // table to its partitioned parent, index to its partitioned index
  own,           // OWNED BY of a sequence
  separate,      // a default or a check as a statement of its own
  row_security,  // ENABLE and FORCE; when all rows and all foreign keys are there
  refresh,       // rows of a populated materialized view; after everything else
};

struct Step {
  // Of the object; of the pg_attrdef row or the constraint if separate. Several steps have the same
  // address where an object is made in parts.
  Address address;
  Part part = Part::whole;
  Section section = Section::pre_data;
  std::vector<int> depends_on;  // indexes of earlier steps, ascending
};

struct Order {
  std::vector<Step> steps;  // all pre_data, then all data, then all post_data steps
  // Defaults and checks that are not written inside their table or domain, sorted. Defaults of view
  // columns are always here.
  std::vector<Address> separated;
};

// No step: constraints that the parent's constraint implies (foreign keys and checks of
// partitions), constraint rows of triggers and of NOT NULL, invalid indexes, unchanged trigger
// clones. Throws Error{backup_failed} naming the members of a cycle that no known rule breaks.
Order order_objects(const Catalog& catalog);

}  // namespace belay::catalog
