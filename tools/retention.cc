#include "tools/retention.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include <fmt/format.h>

namespace belay::tools {
namespace {

// The newest of each of the first `count` periods is kept. `order`: indexes, newest first.
void keep_periods(std::span<const Candidate> candidates, const std::vector<std::size_t>& order,
                  const std::optional<std::uint64_t>& count, std::string_view period,
                  const std::function<std::string(Moment)>& name_of,
                  std::vector<Decision>& decisions) {
  std::string current;
  std::uint64_t seen = 0;
  for (const std::size_t i : order) {
    const std::string name = name_of(candidates[i].taken);
    if (name == current) continue;
    if (seen++ == count.value_or(0)) return;
    current = name;
    if (!decisions[i].keep) decisions[i] = {true, fmt::format("newest of {} {}", period, name)};
  }
}

std::string part(Moment moment, std::size_t length) { return to_iso8601(moment).substr(0, length); }

// A week is named after its Monday.
std::string week_of(Moment moment) {
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::weekday weekday{std::chrono::sys_days(day)};
  const auto monday = day - (weekday - std::chrono::Monday);
  return part(Moment(monday), 10);
}

void keep_newest(std::span<const Candidate> candidates, const std::vector<std::size_t>& order,
                 Proved level, std::string_view reason, std::vector<Decision>& decisions) {
  for (const std::size_t i : order) {
    if (!candidates[i].whole || candidates[i].proved < level) continue;
    if (!decisions[i].keep) decisions[i] = {true, std::string(reason)};
    return;
  }
}

}  // namespace

std::vector<Decision> decide(std::span<const Candidate> candidates, const KeepRules& rules,
                             Moment now) {
  std::vector<Decision> decisions(candidates.size(), Decision{false, "no rule keeps it"});
  std::vector<std::size_t> order(candidates.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return candidates[a].taken > candidates[b].taken;
  });
  for (std::size_t n = 0; n < order.size() && n < rules.last.value_or(0); ++n) {
    decisions[order[n]] = {true, fmt::format("number {} of the newest", n + 1)};
  }
  for (const std::size_t i : order) {
    if (rules.within && !decisions[i].keep && now - candidates[i].taken <= *rules.within) {
      decisions[i] = {true, "young enough"};
    }
  }
  const auto periods = [&](const std::optional<std::uint64_t>& count, std::string_view period,
                           const std::function<std::string(Moment)>& name_of) {
    keep_periods(candidates, order, count, period, name_of, decisions);
  };
  periods(rules.hourly, "hour", [](Moment m) { return part(m, 13); });
  periods(rules.daily, "day", [](Moment m) { return part(m, 10); });
  periods(rules.weekly, "week", week_of);
  periods(rules.monthly, "month", [](Moment m) { return part(m, 7); });
  periods(rules.yearly, "year", [](Moment m) { return part(m, 4); });
  keep_newest(candidates, order, Proved::compared, "the newest that is compared", decisions);
  keep_newest(candidates, order, Proved::readable, "the newest that is verified", decisions);
  const bool any_proved = std::any_of(candidates.begin(), candidates.end(), [](const auto& c) {
    return c.whole && c.proved != Proved::nothing;
  });
  if (!any_proved) keep_newest(candidates, order, Proved::nothing, "the newest of all", decisions);
  for (const std::size_t i : order) {
    if (candidates[i].run.empty() || decisions[i].keep) continue;
    decisions[i] = {true, fmt::format("the way back of run {}", candidates[i].run)};
  }
  return decisions;
}

}  // namespace belay::tools
