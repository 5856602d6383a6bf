// What scripts of extensions make beside what the archive has, told apart once they ran.
#pragma once

#include <vector>

#include "libcore/archive/reader.h"
#include "libcore/pg/connection.h"
#include "librestore/plan.h"

namespace belay::restore {

// Where the extensions of the plan are all made: so many of the steps before the data.
std::size_t steps_of_extensions(const archive::Contents& contents,
                                const std::vector<Plan::Step>& steps);

// Objects that users took out of an extension are theirs, but its script makes them again, as it
// likes. Returns the statements that take them out of it again and drop them, before the plan's own
// make them; a routine that other members need is replaced instead. Of extensions that the plan
// made in the archive's version: another one's script may mean another object.
std::vector<Plan::Step> free_members(pg::Connection& connection, const archive::Contents& contents,
                                     Plan& plan);

// Likewise what would be added to an operator family and is in it.
void skip_family_members(pg::Connection& connection, const archive::Contents& contents,
                         std::vector<Plan::Step>& steps);

// Takes out the statements that would make what an extension's script has made already: of what
// hangs on its tables nobody can tell for certain who made it. After the extensions are created.
void skip_what_scripts_made(pg::Connection& connection, const archive::Contents& contents,
                            std::vector<Plan::Step>& steps);

}  // namespace belay::restore
