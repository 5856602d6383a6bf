// The kinds that need no more than their own query.
#include "libcore/catalog/reading.h"

namespace belay::catalog {

namespace {

template <typename T>
T begin(const Kind<T>& kind, const Row& row) {
  T object;
  object.address = {kind.classid, row.oid("oid")};
  object.name = {row.text("schema"), row.text("name")};
  object.owner = row.text("owner");
  return object;
}

template <typename T>
void read_kind(Reading& reading, const Kind<T>& kind) {
  const auto asked = reading.results.find(kind.query);
  if (asked == reading.results.end()) return;  // what the login may not read is named elsewhere
  const pg::Result& result = asked->second;
  std::vector<T>& objects = reading.catalog.*kind.objects;
  for (int number = 0; number < result.rows(); ++number) {
    const Row row(result, number);
    const Address address{kind.classid, row.oid("oid")};
    if (!is_member<T> && reading.is_of_extension(address)) continue;
    if (objects.empty() || objects.back().address != address) {
      objects.push_back(begin(kind, row));
      reading.claim(address, Bucket::emitted);
    }
    read(reading, row, objects.back());
  }
}

}  // namespace

void read_kinds(Reading& reading) {
  for_each_kind([&reading]<typename T>(const Kind<T>& kind) {
    if constexpr (requires(const Row& row, T& object) { read(reading, row, object); }) {
      read_kind(reading, kind);
    }
  });
}

}  // namespace belay::catalog
