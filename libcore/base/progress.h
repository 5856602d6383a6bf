// What long work tells its caller while it runs. Libraries report here and never print.
#pragma once

#include <cstdint>
#include <string_view>

namespace belay {

// Implementations are thread-safe: workers report concurrently.
class Progress {
 public:
  virtual ~Progress() = default;
  // A new stage begins ("copy tables"); totals of 0 are unknown.
  virtual void stage(std::string_view name, std::uint64_t total_items,
                     std::uint64_t total_bytes) = 0;
  // `object` is being worked on; `items` done and `bytes` moved since the last call.
  virtual void advance(std::string_view object, std::uint64_t items, std::uint64_t bytes) = 0;
  // Something a person should know, though the work goes on.
  virtual void warning(std::string_view text) = 0;
};

class SilentProgress : public Progress {
 public:
  void stage(std::string_view, std::uint64_t, std::uint64_t) override {}
  void advance(std::string_view, std::uint64_t, std::uint64_t) override {}
  void warning(std::string_view) override {}
};

}  // namespace belay
