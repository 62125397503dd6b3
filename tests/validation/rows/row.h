// A row of the validation: a published figure, what the model shows, and which constants were spent
// to get there. Rows are printed where the test runs (ctest -V) and checked by it.
#pragma once

#include <cmath>
#include <cstdio>
#include <string>

namespace svasim::test {

struct row {
  std::string name;
  std::string unit;
  double expected = 0;
  double simulated = 0;
  std::string spent;  ///< constants that came from the same publication

  double error_percent() const { return (simulated / expected - 1) * 100; }
  bool within(double percent) const { return std::abs(error_percent()) <= percent; }
};

inline void print(const row& r) {
  std::printf(
      "validation: %-44s expected %10.0f  simulated %10.0f %-4s  error %+6.2f %%  spent: %s\n",
      r.name.c_str(), r.expected, r.simulated, r.unit.c_str(), r.error_percent(), r.spent.c_str());
  std::fflush(stdout);
}

}  // namespace svasim::test
