// What a run of `migrate` leaves for machines besides its output: events while it goes on, its
// result, and the message that Kubernetes shows of a container that has ended.
#pragma once

#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "libcore/base/error.h"
#include "tools/commands.h"

namespace belay::tools {

// Listens to the output from the time it is made until it is destroyed. Thread-safe.
class RunReports {
 public:
  // Opens what --events, --result-file and --termination-message name, so that what cannot be
  // written is told before anything is done: Error{usage}. A result of an earlier run is removed.
  RunReports(const Command& command, Context& context);
  ~RunReports();
  RunReports(const RunReports&) = delete;
  RunReports& operator=(const RunReports&) = delete;

  // True: the standard output carries the events, and nothing else may go there.
  static bool take_stdout(const Command& command);

  void step(std::string_view text);
  // The last words, at most what Kubernetes keeps of them.
  void end(const std::string& message);
  // A run that ended without a result: what report() prints.
  void end(const Error& error);

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, Closer>;

  static File open(const std::string& name, std::string_view option);
  void event(std::string_view name, const nlohmann::ordered_json& members);
  void result(const nlohmann::ordered_json& whole);
  void warn(const std::string& name);

  Context& context_;
  const std::string events_name_, result_name_, message_name_;
  std::mutex mutex_;
  File events_;  // guarded by mutex_
  File message_;
};

}  // namespace belay::tools
