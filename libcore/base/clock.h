// Time, as a seam: tests stand still or jump.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace belay {

using Moment = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Moment now() const = 0;
  virtual std::chrono::steady_clock::time_point steady() const = 0;
  virtual void sleep(std::chrono::milliseconds duration) = 0;
};

Clock& system_clock();

// 2026-11-23T09:31:53.123456Z
std::string to_iso8601(Moment moment);
// Throws Error{damaged} on anything but that form.
Moment from_iso8601(std::string_view text);
// 20261123T093153Z, for file names.
std::string to_file_stamp(Moment moment);

}  // namespace belay
