// Which statements an archive may hold. Pure.
#pragma once

#include "libcore/archive/reader.h"

namespace belay::restore {

// Error{damaged}, with the object named, if a statement is none that belay writes, or reaches
// beyond the database: roles, other databases, tablespaces, the server. It keeps accidents and
// plain forgeries from what a superuser may do; what CREATE FUNCTION holds is still the archive's.
void check_statements(const archive::Contents& contents);

}  // namespace belay::restore
