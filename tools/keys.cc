#include "tools/keys.h"

#include <algorithm>

#include "libcore/base/error.h"

namespace belay::tools {
namespace {

constexpr std::uint64_t kMaxKeyBytes = 64 << 10;

// Who can write into the repository must not be able to choose the key.
bool is_in_repository(const Path& file, const Command& command) {
  if (!command.given(Option::repo)) return false;
  const Path key = std::filesystem::weakly_canonical(file);
  const Path repository = std::filesystem::weakly_canonical(command.text(Option::repo));
  const auto [end, rest] =
      std::mismatch(repository.begin(), repository.end(), key.begin(), key.end());
  return end == repository.end();
}

template <typename Key>
Key read_key(const std::string& file, ErrorKind kind, const Command& command, Context& context) {
  if (is_in_repository(file, command)) {
    throw Error(kind, "the key lies in the repository")
        .object(file)
        .cause("who can write there could sign what was never proved")
        .next("keep it elsewhere");
  }
  std::string pem;
  try {
    pem = read_file(context.environment.files, file, kMaxKeyBytes);
  } catch (const Error& error) {
    throw Error(kind, "the key is missing").object(file).cause(error.cause());
  }
  try {
    return Key(pem);
  } catch (const Error& error) {
    throw Error(error).as(kind).object(file);
  }
}

}  // namespace

std::shared_ptr<const SigningKey> signing_key(const Command& command, Context& context) {
  if (!command.given(Option::sign_key)) return nullptr;
  return std::make_shared<const SigningKey>(
      read_key<SigningKey>(command.text(Option::sign_key), ErrorKind::usage, command, context));
}

std::vector<TrustedKey> trusted_keys(const Command& command, Context& context) {
  std::vector<TrustedKey> keys;
  for (const std::string& file : command.texts(Option::trusted_key)) {
    keys.push_back(read_key<TrustedKey>(file, ErrorKind::unusable_backup, command, context));
  }
  return keys;
}

}  // namespace belay::tools
