// In which order objects can be created: dependencies first, otherwise by kind and name, so that
// the order never depends on OIDs or on history.
#pragma once

#include <vector>

#include "libcore/catalog/model.h"

namespace belay::catalog {

enum class Section { pre_data, post_data };

// How an object is created when a cycle had to be broken.
enum class Part {
  whole,
  placeholder,   // view as SELECT NULL::type AS column, ...
  body,          // the real query of a placeholder, CREATE OR REPLACE
  attach,        // table to its partitioned parent, index to its partitioned index
  own,           // OWNED BY of a sequence
  separate,      // a default or a check as a statement of its own
};

struct Step {
  Address address;               // of the object; of the pg_attrdef row or the constraint if separate
  Part part = Part::whole;
  Section section = Section::pre_data;
  std::vector<int> depends_on;   // indexes of earlier steps
};

struct Order {
  std::vector<Step> steps;
  // Defaults and checks that are not written inside their table.
  std::vector<Address> separated;
};

// Throws Error{backup_failed} naming the members of a cycle that no known rule breaks.
Order order_objects(const Catalog& catalog);

}  // namespace belay::catalog
