// Keys of receipts, as the command line names them.
#pragma once

#include <memory>
#include <vector>

#include "libcore/base/signature.h"
#include "tools/commands.h"

namespace belay::tools {

// Of --sign-key; null if there is none. Error{usage} if it cannot be used, or lies where everybody
// who writes archives could read it.
std::shared_ptr<const SigningKey> signing_key(const Command& command, Context& context);

// Of --trusted-key. Error{unusable_backup} if one is missing, or lies in the repository.
std::vector<TrustedKey> trusted_keys(const Command& command, Context& context);

}  // namespace belay::tools
