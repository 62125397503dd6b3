#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <map>
#include <vector>

#include "tests/support/time_matchers.h"
#include "tlm/kit/stage.h"

using namespace svasim;
using base::ns;
using base::ps;
using kit::stage;
using kit::stage_log;

namespace {

std::vector<stage> stages_of(const stage_log& log) {
  std::vector<stage> out;
  for (const auto& s : log) out.push_back(s.what);
  return out;
}

std::map<stage, std::uint64_t> totals_of(const stage_log& log) {
  std::map<stage, std::uint64_t> out;
  for (const auto& s : log) out[s.what] += s.length.value();
  return out;
}

}  // namespace

TEST_CASE("a log holds the stages in order, and they sum to the whole") {
  stage_log log;
  log.start(stage::device_issue, ns(10));
  log.enter(stage::link_wire_up, ns(12));
  log.enter(stage::tbu_lookup, ns(20));
  log.finish(ns(21));
  CHECK(stages_of(log) ==
        std::vector<stage>{stage::device_issue, stage::link_wire_up, stage::tbu_lookup});
  CHECK(log.begin()[0].length == ns(2));
  CHECK(log.begin()[1].length == ns(8));
  CHECK(log.begin()[2].length == ns(1));
  CHECK(log.started() == ns(10));
}

TEST_CASE("a stage of no length vanishes") {
  stage_log log;
  log.start(stage::device_issue, ns(5));
  log.enter(stage::link_credit, ns(5));
  log.enter(stage::link_queue_up, ns(5));
  log.enter(stage::link_wire_up, ns(7));
  log.finish(ns(7));
  CHECK(stages_of(log) == std::vector<stage>{stage::link_queue_up});
}

TEST_CASE("a stage that would end before it began is a defect of the model") {
  stage_log log;
  log.start(stage::tbu_lookup, ns(5));
  CHECK_THROWS_WITH(log.enter(stage::dram, ns(4)),
                    "stage tbu_lookup began at 5000 ps and ends at 4000 ps");
  CHECK_THROWS_AS(log.finish(ns(4)), std::logic_error);
}

TEST_CASE("a log that starts anew forgets what was before") {
  stage_log log;
  log.start(stage::device_issue, ns(0));
  log.enter(stage::slc, ns(5));
  log.start(stage::dram, ns(9));
  log.finish(ns(10));
  CHECK(stages_of(log) == std::vector<stage>{stage::dram});
  CHECK(log.started() == ns(9));
}

TEST_CASE("64 changes are kept in order, the 65th joins an earlier stay in its stage") {
  stage_log log;
  log.start(stage::walk_s1_l0, ps(0));
  for (unsigned i = 1; i < 64; ++i) {
    log.enter(i % 2 == 0 ? stage::walk_s1_l0 : stage::walk_s2_l0, ps(i));
  }
  log.finish(ps(64));
  REQUIRE(log.end() - log.begin() == 64);
  for (const auto& s : log) CHECK(s.length == ps(1));

  log.enter(stage::walk_s1_l0, ps(64));
  log.finish(ps(164));
  REQUIRE(log.end() - log.begin() == 64);
  CHECK(totals_of(log)[stage::walk_s1_l0] == 132);
  CHECK(totals_of(log)[stage::walk_s2_l0] == 32);
}

TEST_CASE("a stage that is first met after 64 changes has its own time in the sums") {
  stage_log log;
  log.start(stage::walk_s1_l0, ps(0));
  for (unsigned i = 1; i < 64; ++i) {
    log.enter(i % 2 == 0 ? stage::walk_s1_l0 : stage::walk_s2_l0, ps(i));
  }
  log.enter(stage::dram, ps(64));
  log.finish(ps(70));
  auto totals = totals_of(log);
  CHECK(totals[stage::dram] == 6);
  CHECK(totals[stage::walk_s1_l0] == 32);
  CHECK(totals[stage::walk_s2_l0] == 32);
}

TEST_CASE("however many changes, the sums of all stages are exact") {
  REQUIRE(rc::check([](const std::vector<std::pair<std::uint8_t, std::uint8_t>>& steps) {
    // Long enough to leave the log's capacity far behind in most cases.
    std::map<stage, std::uint64_t> expected;
    stage_log log;
    std::uint64_t t = 1000;
    stage current = stage::device_issue;
    log.start(current, ps(t));
    for (int round = 0; round < 4; ++round) {
      for (const auto& [what, length] : steps) {
        if (length != 0) expected[current] += length;
        t += length;
        current = static_cast<stage>((what + static_cast<unsigned>(round)) % kit::stage_count);
        log.enter(current, ps(t));
      }
    }
    log.finish(ps(t));
    return totals_of(log) == expected && log.end() - log.begin() <= 64;
  }));
}
