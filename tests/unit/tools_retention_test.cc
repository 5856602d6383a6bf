// Which archives retention keeps.
#include "tests/support/catch.h"
#include "tools/retention.h"

using namespace belay;
using namespace belay::tools;

namespace {

Candidate at(const char* day, Proved proved = Proved::readable, bool whole = true) {
  return {from_iso8601(std::string(day) + ".000000Z"), proved, whole};
}

const Moment kNow = from_iso8601("2026-11-23T12:00:00.000000Z");

// "k" and "." for each candidate.
std::string kept(const std::vector<Candidate>& candidates, const KeepRules& rules) {
  std::string result;
  for (const Decision& decision : decide(candidates, rules, kNow))
    result += decision.keep ? 'k' : '.';
  return result;
}

}  // namespace

TEST_CASE("each rule keeps on its own") {
  const std::vector<Candidate> days = {at("2026-11-23T03:00:00"), at("2026-11-22T23:00:00"),
                                       at("2026-11-22T03:00:00"), at("2026-11-21T03:00:00"),
                                       at("2026-11-10T03:00:00"), at("2026-10-31T03:00:00"),
                                       at("2025-12-31T03:00:00")};
  CHECK(kept(days, {.last = 2}) == "kk.....");
  CHECK(kept(days, {.daily = 2}) == "kk.....");
  CHECK(kept(days, {.daily = 3}) == "kk.k...");
  CHECK(kept(days, {.weekly = 2}) == "kk.....");  // the 23rd is a Monday
  CHECK(kept(days, {.weekly = 3}) == "kk..k..");
  CHECK(kept(days, {.monthly = 2}) == "k....k.");
  CHECK(kept(days, {.yearly = 9}) == "k.....k");
  CHECK(kept(days, {.hourly = 3}) == "kkk....");
  CHECK(kept(days, {.within = std::chrono::hours(48)}) == "kkk....");
  CHECK(kept(days, {.last = 1, .monthly = 2}) == "k....k.");
}

TEST_CASE("the order of the candidates means nothing") {
  CHECK(kept({at("2026-11-21T03:00:00"), at("2026-11-23T03:00:00"), at("2026-11-22T03:00:00")},
             {.last = 1}) == ".k.");
}

TEST_CASE("the last verified archive is never removed") {
  const std::vector<Candidate> archives = {
      at("2026-11-23T03:00:00", Proved::nothing),  at("2026-11-22T03:00:00", Proved::nothing),
      at("2026-11-21T03:00:00", Proved::readable), at("2026-11-20T03:00:00", Proved::readable),
      at("2026-11-19T03:00:00", Proved::compared), at("2026-11-18T03:00:00", Proved::compared)};
  CHECK(kept(archives, {.last = 1}) == "k.k.k.");
  CHECK(kept(archives, {.last = 0}) == "..k.k.");
}

TEST_CASE("an archive that does not hold everything does not count as the last one") {
  const std::vector<Candidate> archives = {at("2026-11-23T03:00:00", Proved::compared, false),
                                           at("2026-11-22T03:00:00", Proved::compared, true),
                                           at("2026-11-21T03:00:00", Proved::compared, true)};
  CHECK(kept(archives, {.last = 1}) == "kk.");
}

TEST_CASE("without any proof the newest of all is kept") {
  const std::vector<Candidate> archives = {at("2026-11-23T03:00:00", Proved::nothing),
                                           at("2026-11-22T03:00:00", Proved::nothing)};
  CHECK(kept(archives, {.last = 0}) == "k.");
}

TEST_CASE("the way back of a run stays, and is counted besides what the rules keep") {
  std::vector<Candidate> archives = {at("2026-11-23T03:00:00", Proved::compared),
                                     at("2026-11-22T03:00:00", Proved::compared),
                                     at("2026-11-21T03:00:00", Proved::readable, false),
                                     at("2026-11-20T03:00:00", Proved::compared)};
  archives[2].run = "20261121T025959Z-0badcafe";
  CHECK(kept(archives, {.last = 1}) == "k.k.");
  CHECK(kept(archives, {.last = 0}) == "k.k.");
  CHECK(decide(archives, {.last = 1}, kNow)[2].reason ==
        "the way back of run 20261121T025959Z-0badcafe");
  CHECK(kept(archives, {.last = 2}) == "kkk.");
}

TEST_CASE("nothing to keep") { CHECK(decide({}, {.last = 1}, kNow).empty()); }
