// What the program says: results, errors and progress, for people or for machines.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "libcore/base/error.h"
#include "libcore/base/progress.h"

namespace belay::tools {

struct Failure {
  ErrorKind kind = ErrorKind::internal;
  std::string truth, retry, next;
};

// Results go to the standard output unless that carries an archive or a schema; everything else
// goes to the standard error. With --json the result, or the error, is one object and nothing else
// is printed. Results belong to one thread; progress is thread-safe.
class Output : public Progress {
 public:
  struct Style {
    bool json = false, quiet = false, verbose = false;
    bool stdout_is_taken = false;  // it carries what was asked for: results go to stderr
    bool redraw = false;           // stderr is a terminal: progress is one line that changes
  };

  void set_style(const Style& style) { style_ = style; }
  const Style& style() const { return style_; }
  // The command as it stands in JSON objects.
  void set_command(std::string_view name) { command_ = name; }

  // A line for people; nothing with --json or --quiet.
  void line(std::string_view text);
  // Lines of "  name   value", the values aligned; pairs with an empty value are left out.
  void facts(const std::vector<std::pair<std::string, std::string>>& rows);
  // Columns aligned to the widest cell, the last one ragged. A first row of titles is the caller's.
  void table(const std::vector<std::vector<std::string>>& rows);
  // What people type next; nothing with --json or --quiet.
  void next(std::string_view command);
  // The bytes that were asked for, exactly (schema, help): always to the standard output.
  void bytes(std::string_view text);

  // Adds "command", "ok", "exit_status" before and "warnings" after the members of `object`.
  // Nothing without --json.
  void result(const nlohmann::ordered_json& object, int exit_status);
  // "belay: what: object: cause" and "  next: ..."; with --json an object with "error".
  void report(const Error& error);
  // A run that failed: what is true now, whether a retry is safe, what to type. Exactly three
  // lines; with --json they are members of "failure" beside those of `object`.
  void failure(const Failure& failure, const nlohmann::ordered_json& object);
  // The object of --json for an error.
  nlohmann::ordered_json whole(const Error& error);
  // Told of stages, warnings and results as they come, from any thread; empty: nobody is.
  using Listener = std::function<void(std::string_view event, const nlohmann::ordered_json&)>;
  void listen(Listener listener) { listener_ = std::move(listener); }
  // Everything written has left the process, or Error{io}.
  void flush();

  void stage(std::string_view name, std::uint64_t total_items, std::uint64_t total_bytes) override;
  void advance(std::string_view object, std::uint64_t items, std::uint64_t bytes) override;
  void warning(std::string_view text) override;

 private:
  void print(std::string_view text);  // a result
  nlohmann::ordered_json whole(const nlohmann::ordered_json& object, int exit_status);
  void clear_progress();                  // requires mutex_
  std::string describe_progress() const;  // requires mutex_

  Style style_;
  Listener listener_;
  std::string command_ = "belay";

  std::mutex mutex_;
  // Guarded by mutex_:
  std::string stage_, object_;
  std::uint64_t items_ = 0, bytes_ = 0, total_items_ = 0, total_bytes_ = 0;
  std::chrono::steady_clock::time_point last_shown_{};
  bool shown_ = false;
  std::vector<std::string> warnings_;
};

// The members of "error" in JSON objects: kind, exit_status, message, object, cause, next,
// sqlstate.
nlohmann::ordered_json error_object(const Error& error);

}  // namespace belay::tools
