#include "tlm/kit/breakdown.h"

#include <catch2/catch.hpp>

#include "tests/support/time_matchers.h"

using namespace svasim;
using base::ns;
using kit::stage;

namespace {

kit::stage_log sample() {
  kit::stage_log log;
  log.start(stage::link_wire_up, ns(100));
  log.enter(stage::tbu_wait, ns(110));
  log.enter(stage::tbu_lookup, ns(113));
  log.enter(stage::tbu_dti_down, ns(117));
  log.enter(stage::tbu_egress, ns(122));
  log.enter(stage::dram, ns(128));
  log.finish(ns(135));
  return log;
}

}  // namespace

TEST_CASE("the translation part of a transaction is its stages from TBU wait to DTI down") {
  kit::breakdown b;
  CHECK(b.add(sample()) == ns(3 + 4 + 5));
}

TEST_CASE("what an ATC does to translate is translation") {
  kit::stage_log log;
  log.start(stage::device_issue, ns(0));
  log.enter(stage::atc_wait, ns(1));
  log.enter(stage::atc_lookup, ns(3));
  log.enter(stage::atc_translation, ns(7));
  log.enter(stage::atc_page_request, ns(15));
  log.enter(stage::link_wire_up, ns(31));
  log.finish(ns(63));
  kit::breakdown b;
  CHECK(b.add(log) == ns(2 + 4 + 8 + 16));
}

TEST_CASE("the breakdown of transactions sums to their latencies") {
  kit::breakdown b;
  b.add(sample());
  b.add(sample());
  std::uint64_t all = 0;
  for (std::size_t i = 0; i < kit::stage_count; ++i) all += b.of(static_cast<stage>(i)).sum_ps;
  CHECK(all == 2 * 35000);
  CHECK(b.of(stage::tbu_lookup).sum_ps == 8000);
  CHECK(b.of(stage::tbu_lookup).count == 2);
  CHECK(b.of(stage::slc).sum_ps == 0);
  CHECK(b.of(stage::slc).count == 0);
}

TEST_CASE("the longest stay of a stage is kept whatever comes after") {
  kit::breakdown b;
  for (const std::uint64_t length : {3u, 9u, 4u}) {
    kit::stage_log log;
    log.start(stage::dram, ns(0));
    log.finish(ns(length));
    CHECK(b.add(log) == ns(0));
  }
  CHECK(b.of(stage::dram).max_ps == 9000);
  CHECK(b.of(stage::dram).count == 3);
}
