// Simulated time as base::duration. The kernel runs at SystemC's default resolution of 1 ps, so the
// value of an sc_time is its number of picoseconds; kit::check_resolution() makes sure of it once a
// run.
#pragma once

#include <systemc>
#include <type_traits>

#include "base/units.h"

namespace svasim::kit {

using base::duration;

/// Moment that no event reaches.
constexpr duration never{~std::uint64_t{0}};

/// The kernel's time; for now().
extern const sc_core::sc_time& clock;

/// The current time. sc_time_stamp() without its two calls into the library: there is one kernel a
/// process, and its clock stays where it is. Not before main().
inline duration now() {
  return duration(clock.value());
}
/// sc_time::from_value() without the call: an sc_time is standard layout and holds its value only.
inline sc_core::sc_time to_sc(duration d) {
  static_assert(std::is_standard_layout_v<sc_core::sc_time> &&
                sizeof(sc_core::sc_time) == sizeof(sc_dt::uint64));
  sc_core::sc_time t;
  reinterpret_cast<sc_dt::uint64&>(t) = d.value();
  return t;
}
inline duration from_sc(const sc_core::sc_time& t) {
  return duration(t.value());
}
/// Throws std::logic_error when the kernel's resolution is not 1 ps.
void check_resolution();

constexpr duration later(duration a, duration b) {
  return a < b ? b : a;
}

}  // namespace svasim::kit
