#include "tools/output.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/units.h"

namespace belay::tools {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kLineWidth = 79;
constexpr auto kRedrawInterval = 100ms;
constexpr auto kLineInterval = 30s;  // where progress is not redrawn

// A closed standard output is found by flush(); a standard error that is gone cannot be helped.
void write_to(std::FILE* file, std::string_view text) {
  [[maybe_unused]] const std::size_t written = std::fwrite(text.data(), 1, text.size(), file);
}

// Characters, not bytes: continuation bytes of UTF-8 take no room.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string cut_to_line(std::string text) {
  if (width(text) <= kLineWidth) return text;
  std::size_t seen = 0, end = 0;
  for (; end < text.size(); ++end) {
    if ((static_cast<unsigned char>(text[end]) & 0xc0) != 0x80 && ++seen > kLineWidth) break;
  }
  return text.substr(0, end);
}

// Names in archives and catalogs are anything; a JSON text must be UTF-8.
std::string dump_json(const nlohmann::ordered_json& object) {
  return object.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

void Output::print(std::string_view text) {
  std::lock_guard lock(mutex_);
  clear_progress();
  write_to(style_.stdout_is_taken ? stderr : stdout, text);
}

void Output::line(std::string_view text) {
  if (style_.json || style_.quiet) return;
  print(fmt::format("{}\n", text));
}

void Output::facts(const std::vector<std::pair<std::string, std::string>>& rows) {
  std::size_t column = 0;
  for (const auto& [name, value] : rows) {
    if (!value.empty()) column = std::max(column, width(name));
  }
  for (const auto& [name, value] : rows) {
    if (value.empty()) continue;
    line(fmt::format("  {}{}  {}", name, std::string(column - width(name), ' '), value));
  }
}

void Output::table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const std::vector<std::string>& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  for (const std::vector<std::string>& row : rows) {
    std::string text;
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text += std::string(widths[i] - width(row[i]) + 2, ' ');
    }
    line(text);
  }
}

void Output::next(std::string_view command) { line(fmt::format("next: {}", command)); }

void Output::bytes(std::string_view text) {
  std::lock_guard lock(mutex_);
  clear_progress();
  write_to(stdout, text);
}

nlohmann::ordered_json Output::whole(const nlohmann::ordered_json& object, int exit_status) {
  nlohmann::ordered_json whole;
  whole["command"] = command_;
  whole["ok"] = exit_status == 0;
  whole["exit_status"] = exit_status;
  whole.update(object);
  std::lock_guard lock(mutex_);
  whole["warnings"] = warnings_;
  return whole;
}

nlohmann::ordered_json Output::whole(const Error& error) {
  return whole({{"error", error_object(error)}}, error.exit_status());
}

void Output::result(const nlohmann::ordered_json& object, int exit_status) {
  if (!style_.json && !listener_) return;
  const nlohmann::ordered_json result = whole(object, exit_status);
  if (style_.json) print(dump_json(result));
  if (listener_) listener_("result", result);
}

void Output::report(const Error& error) {
  if (style_.json) {
    print(dump_json(whole(error)));
    // A full disk takes no object either: then at least people are told.
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
  }
  std::lock_guard lock(mutex_);
  clear_progress();
  write_to(stderr, fmt::format("belay: {}\n", error.what()));
  if (!error.next().empty()) write_to(stderr, fmt::format("  next: {}\n", error.next()));
  if (style_.verbose && !error.sqlstate().empty()) {
    write_to(stderr, fmt::format("  SQLSTATE: {}\n", error.sqlstate()));
  }
}

void Output::failure(const Failure& failure, const nlohmann::ordered_json& object) {
  const ErrorKindRow& row = describe(failure.kind);
  nlohmann::ordered_json failed = object;
  failed["failure"] = {{"kind", row.name},
                       {"truth", failure.truth},
                       {"retry", failure.retry},
                       {"next", failure.next}};
  result(failed, row.exit_status);
  if (style_.json) return;
  std::lock_guard lock(mutex_);
  clear_progress();
  write_to(stderr, fmt::format("belay: {}\n  retry: {}\n  next: {}\n", printable(failure.truth),
                               printable(failure.retry), printable(failure.next)));
}

void Output::flush() {
  {
    std::lock_guard lock(mutex_);
    clear_progress();
  }
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
  throw Error(ErrorKind::io, "cannot write")
      .object("standard output")
      .cause(std::generic_category().message(errno));
}

void Output::stage(std::string_view name, std::uint64_t total_items, std::uint64_t total_bytes) {
  if (listener_) listener_("stage", {{"name", printable(name)}});
  std::lock_guard lock(mutex_);
  stage_ = printable(name);
  object_.clear();
  items_ = bytes_ = 0;
  total_items_ = total_items;
  total_bytes_ = total_bytes;
  last_shown_ = std::chrono::steady_clock::now();
  if (style_.json || style_.quiet) return;
  if (style_.redraw) {
    last_shown_ = {};
  } else if (style_.verbose) {
    write_to(stderr, fmt::format("belay: {}\n", stage_));
  }
}

void Output::advance(std::string_view object, std::uint64_t items, std::uint64_t bytes) {
  std::lock_guard lock(mutex_);
  items_ += items;
  bytes_ += bytes;
  if (style_.json || style_.quiet) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - last_shown_ < (style_.redraw ? std::chrono::milliseconds(kRedrawInterval)
                                         : std::chrono::milliseconds(kLineInterval))) {
    return;
  }
  last_shown_ = now;
  object_ = printable(object);
  const std::string text = describe_progress();
  if (style_.redraw) {
    write_to(stderr, fmt::format("\r\033[K{}", cut_to_line(text)));
    std::fflush(stderr);
    shown_ = true;
  } else {
    write_to(stderr, fmt::format("belay: {}\n", text));
  }
}

void Output::warning(std::string_view text) {
  if (listener_) listener_("warning", {{"text", printable(text)}});
  std::lock_guard lock(mutex_);
  warnings_.push_back(printable(text));
  if (style_.json) return;
  clear_progress();
  write_to(stderr, fmt::format("belay: warning: {}\n", warnings_.back()));
}

void Output::clear_progress() {
  if (!shown_) return;
  write_to(stderr, "\r\033[K");
  shown_ = false;
}

std::string Output::describe_progress() const {
  std::string text = stage_;
  if (total_items_ != 0) {
    text += fmt::format("  {}/{}", human_count(items_), human_count(total_items_));
  } else if (items_ != 0) {
    text += fmt::format("  {}", human_count(items_));
  }
  if (bytes_ != 0) text += fmt::format("  {}", human_bytes(bytes_));
  if (total_bytes_ != 0 && bytes_ != 0) text += fmt::format(" of {}", human_bytes(total_bytes_));
  if (!object_.empty()) text += fmt::format("  {}", object_);
  return text;
}

nlohmann::ordered_json error_object(const Error& error) {
  nlohmann::ordered_json object;
  object["kind"] = describe(error.kind()).name;
  object["exit_status"] = error.exit_status();
  object["message"] = error.what_happened();
  object["object"] = error.object();
  object["cause"] = error.cause();
  object["next"] = error.next();
  object["sqlstate"] = error.sqlstate();
  return object;
}

}  // namespace belay::tools
