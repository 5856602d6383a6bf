#include "libcore/catalog/activity.h"

#include "libcore/catalog/reading.h"
#include "libcore/catalog/settled_query.h"

namespace belay::catalog {

Activity read_activity(pg::Connection& connection) {
  const pg::Result row = settled_query(
      connection, pg::select_sql(embedded_sql(), "activity", connection.server_major()));
  const auto count = [&](const char* name) {
    return static_cast<std::uint64_t>(row.integer(0, row.column(name)));
  };
  const auto text = [&](const char* name) { return row.string(0, row.column(name)); };
  Activity activity;
  activity.inserted = count("inserted");
  activity.updated = count("updated");
  activity.deleted = count("deleted");
  activity.files = text("files");
  activity.sequences = text("sequences");
  activity.stats_reset = text("stats_reset");
  return activity;
}

}  // namespace belay::catalog
