// Simulated time in tests: how Catch2 prints it, and how a test, which is its own script, lets it
// pass.
#pragma once

#include <catch2/catch.hpp>
#include <systemc>

#include "base/units.h"
#include "tlm/kit/time.h"

template <class Tag>
struct Catch::StringMaker<svasim::base::quantity<Tag>> {
  static std::string convert(svasim::base::quantity<Tag> q) { return to_string(q); }
};

namespace svasim::test {

/// A warning of SystemC fails the test. That there was nothing to do for run_until() is none.
inline void fail_on_warnings() {
  using handler = sc_core::sc_report_handler;
  handler::set_actions(sc_core::SC_WARNING, sc_core::SC_THROW);
  handler::set_actions(sc_core::SC_ID_NO_SC_START_ACTIVITY_, sc_core::SC_DO_NOTHING);
}

/// Everything that happens up to and at `t` happens; `t` is not before now.
inline void run_until(base::duration t) {
  fail_on_warnings();
  if (kit::now() < t) sc_core::sc_start(kit::to_sc(t - kit::now()));
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  while (sc_core::sc_pending_activity_at_current_time()) sc_core::sc_start(sc_core::SC_ZERO_TIME);
}
/// Until nothing more is going to happen.
inline void run_dry() {
  run_until(kit::now());
  while (sc_core::sc_pending_activity()) {
    run_until(kit::now() + kit::from_sc(sc_core::sc_time_to_pending_activity()));
  }
}

}  // namespace svasim::test
