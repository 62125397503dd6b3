#include <catch2/catch.hpp>

#include "arch/event.h"
#include "differential.h"

using namespace svasim;
using arch::event_type;

TEST_CASE("5000 random translations agree with the naive walker in result, events and accesses") {
  test::differential_counts n;
  REQUIRE(test::run_differential(0, 5000, n) == "");
  // Else the cases no longer get anywhere.
  CHECK(n.translated > 400);
  CHECK(n.updates > 150);
  CHECK(n.failed_updates > 30);
  CHECK(n.spans > 15);
  CHECK(n.above_48 > 60);
  CHECK(n.level_minus_1 > 20);
  CHECK(n.grants > 80);
  for (const auto e : {event_type::c_bad_streamid, event_type::f_ste_fetch, event_type::c_bad_ste,
                       event_type::f_bad_ats_treq, event_type::f_stream_disabled,
                       event_type::f_transl_forbidden, event_type::c_bad_substreamid,
                       event_type::c_bad_cd, event_type::f_walk_eabt, event_type::f_translation,
                       event_type::f_addr_size, event_type::f_access, event_type::f_permission}) {
    INFO(arch::name(e));
    CHECK(n.events[static_cast<std::size_t>(e)] > 0);
  }
}
