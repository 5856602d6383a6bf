#include "tools/run_reports.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/base/clock.h"
#include "libcore/base/file_system.h"
#include "migrate/command.h"

namespace belay::tools {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kSchema = "belay.migrate.event/1";
constexpr std::size_t kMostOfMessage = 4096;  // Kubernetes keeps no more

std::string line_of(const ordered_json& object) {
  return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

bool written(std::FILE* file, std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), file) == text.size() && std::fflush(file) == 0;
}

}  // namespace

bool RunReports::take_stdout(const Command& command) {
  return command.verb() == Verb::migrate && command.text(Option::events) == "-";
}

RunReports::File RunReports::open(const std::string& name, std::string_view option) {
  if (name.empty()) return nullptr;
  File file(name == "-" ? ::fdopen(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3), "w")
                        : std::fopen(name.c_str(), "we"));
  if (file) return file;
  throw Error(ErrorKind::usage, fmt::format("cannot write what {} names", option))
      .object(name)
      .cause(std::generic_category().message(errno));
}

RunReports::RunReports(const Command& command, Context& context)
    : context_(context),
      events_name_(command.text(Option::events)),
      result_name_(command.text(Option::result_file)),
      message_name_(command.text(Option::termination_message)) {
  if (events_name_ == "-" && context.output.style().json) {
    throw Error(ErrorKind::usage,
                "the standard output cannot carry events and the result of --json")
        .next("the last event is the result; or name a file with --events");
  }
  events_ = open(events_name_, "--events");
  message_ = open(message_name_, "--termination-message");
  if (!result_name_.empty()) {
    open(result_name_, "--result-file");
    if (context.environment.files.status(result_name_).type == FileStatus::Type::regular) {
      context.environment.files.remove(result_name_);
    }
  }
  context.output.listen([this](std::string_view name, const ordered_json& members) {
    event(name, members);
    if (name == "result") result(members);
  });
  event("begin", {{"argv", migrate::without_secrets(command.arguments())}});
}

RunReports::~RunReports() { context_.output.listen({}); }

void RunReports::step(std::string_view text) { event("step", {{"text", printable(text)}}); }

void RunReports::event(std::string_view name, const ordered_json& members) {
  ordered_json object{
      {"schema", kSchema}, {"at", to_iso8601(context_.environment.clock.now())}, {"event", name}};
  object.update(members);
  {
    const std::lock_guard lock(mutex_);
    if (!events_ || written(events_.get(), line_of(object))) return;
    events_.reset();  // told once
  }
  warn(events_name_);
}

void RunReports::result(const ordered_json& whole) {
  if (result_name_.empty()) return;
  FileSystem& files = context_.environment.files;
  try {
    if (files.status(result_name_).type == FileStatus::Type::other) {
      const File file = open(result_name_, "--result-file");
      if (!written(file.get(), line_of(whole))) warn(result_name_);
    } else {
      publish_file(files, result_name_, line_of(whole));
    }
  } catch (const Error&) {
    warn(result_name_);
  }
}

// The run goes on: what it does to the database matters more.
void RunReports::warn(const std::string& name) {
  context_.output.warning(fmt::format("cannot write to {}", name));
}

void RunReports::end(const std::string& message) {
  if (!message_) return;
  if (!written(message_.get(), message.substr(0, kMostOfMessage))) warn(message_name_);
}

void RunReports::end(const Error& error) {
  event("result", context_.output.whole(error));
  result(context_.output.whole(error));
  end(fmt::format("belay: {}\n  next: {}\n", error.what(), error.next()));
}

}  // namespace belay::tools
