#include "migrate/watch.h"

#include <fmt/format.h>

#include "migrate/look.h"
#include "migrate/traces.h"

namespace belay::migrate {
namespace {

using namespace std::chrono_literals;

constexpr auto kSessionLook = 200ms;
constexpr auto kLockLook = 1s;
constexpr auto kWaitLook = 1s;
constexpr auto kTellAgain = 10s;

}  // namespace

Watch::Watch(const RunOptions& options, const std::string& run, RunLocks& locks,
             Environment& environment, const Step& step)
    : run_(run),
      locks_(locks),
      environment_(environment),
      step_(step),
      connection_(connect_as_command(options, nullptr)),
      sessions_at_(environment.clock.steady()),
      locks_at_(sessions_at_),
      waits_at_(sessions_at_),
      told_at_(sessions_at_) {
  there_before_ = look_at_sessions(connection_, run_).others;
  others_connected_ = !there_before_.empty();
}

bool Watch::due(Moment& last, std::chrono::milliseconds interval) {
  const Moment now = environment_.clock.steady();
  if (now - last < interval) return false;
  last = now;
  return true;
}

// Who cannot be seen may be there.
void Watch::look_for_others() {
  if (others_connected_) return;
  try {
    others_connected_ = !look_at_sessions(connection_, run_).others.empty();
  } catch (const Error&) {
    others_connected_ = true;
  }
}

void Watch::look_at_locks() {
  switch (locks_.look()) {
    case RunLocks::Held::yes:
      return;
    case RunLocks::Held::lost:
      stop_ = Stop::lock_lost;
      return;
    case RunLocks::Held::other_server:
      stop_ = Stop::other_server;
      return;
  }
}

// A session that came after the command had begun and waits for belay's own lock is the command's:
// belay never waits there. It would wait for ever.
void Watch::look_at_waits() {
  std::string text;
  try {
    for (const LockWait& wait : look_at_lock_waits(connection_, run_)) {
      if (!wait.command && there_before_.contains(wait.pid)) continue;
      if (locks_.pids().contains(wait.blocker)) {
        stop_ = Stop::waits_for_belay;
        return;
      }
      if (wait.command) text += (text.empty() ? "" : ", ") + wait.blocker_text;
    }
  } catch (const Error&) {
    return;  // a lost connection shows in the locks, too
  }
  const bool new_to_them = text != waits_for_;
  waits_for_ = text;
  if (text.empty() || !(due(told_at_, kTellAgain) || new_to_them)) return;
  step_(fmt::format("the command waits for a lock of {}", text));
}

bool Watch::look() {
  if (due(sessions_at_, kSessionLook)) look_for_others();
  if (due(waits_at_, kWaitLook)) look_at_waits();
  if (stop_ == Stop::none && due(locks_at_, kLockLook)) {
    look_at_locks();
    environment_.progress.advance("", 0, 0);  // still there
  }
  return stop_ == Stop::none;
}

}  // namespace belay::migrate
