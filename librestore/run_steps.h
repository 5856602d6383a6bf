// Runs the statements of a plan.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "libcore/archive/reader.h"
#include "libcore/base/environment.h"
#include "libcore/pg/connection.h"
#include "librestore/plan.h"

namespace belay::restore {

// While it lives, the session acts as `role`; an empty role changes nothing. A superuser takes the
// role for the whole session; anybody else must be a member of it.
class ActingAs {
 public:
  ActingAs(pg::Connection& connection, const std::string& role);
  ~ActingAs();
  ActingAs(const ActingAs&) = delete;
  ActingAs& operator=(const ActingAs&) = delete;

 private:
  pg::Connection& connection_;
  std::string reset_;  // the statement that ends it
};

// A failure of the server, told as a failure of `title`.
Error failed_at(const Error& error, const std::string& title);

// Whether a batch is a transaction, or a part of one that the caller has begun.
enum class Batch { transaction, part };

// In pipelined batches. What fails in a batch that is a transaction is run again one by one, so
// that the error names the very object.
void run_in_batches(pg::Connection& connection, const archive::Contents& contents,
                    std::span<const Plan::Step> steps, Batch batch, Progress& progress);

// One by one, each a transaction, acting as its role.
void run_one_by_one(pg::Connection& connection, const archive::Contents& contents,
                    std::span<const Plan::Step> steps, Progress& progress);

// For statements that run code of users: clears run_as where the role could not do it, because it
// lacks rights on the schema that the login role has. Decided beforehand, not by trial. Without a
// superuser login, clears all.
void settle_roles(pg::Connection& connection, const archive::Contents& contents,
                  std::vector<Plan::Step>& steps);

// Connections opened as they are needed and closed with the set.
using Connect = std::function<pg::Connection()>;

// Post-data: entries whose dependencies are done; indexes, primary keys and unique constraints over
// up to `jobs` connections, everything else alone and in order. Foreign keys find their indexes.
void run_post_data(pg::Connection& connection, const Connect& connect, int jobs,
                   const archive::Contents& contents, std::span<const Plan::Step> steps,
                   Environment& environment);

}  // namespace belay::restore
