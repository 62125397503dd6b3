// A design space: what is fixed, the axes with their values, the constraints, and which of the
// combinations become points. Known good in every single value; whether a combination fits together
// (ways that divide entries) is for the platform to say.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "analysis/sweep/expression.h"
#include "analysis/sweep/parameter.h"
#include "base/error.h"
#include "describe/json_value.h"

namespace svasim::sweep {

struct axis {
  std::vector<std::string> paths;  ///< all get the same value; the first names the axis
  value::kind kind = value::kind::count;
  std::string unit;
  std::vector<value> values;  ///< each once
  bool repeat = false;        ///< seeds: crossed with every point, not sampled

  const std::string& name() const { return paths.front(); }
};

struct constraint {
  expression condition;
  base::problem at;  ///< its file, line and column; the message is empty
};

enum class sampling_kind : std::uint8_t { grid, random, latin_hypercube };
/// "grid", "random", "latin_hypercube"
const char* name_of(sampling_kind k);

struct sampling {
  sampling_kind kind = sampling_kind::grid;
  std::uint64_t points = 0;  ///< of random and latin_hypercube
  std::uint64_t seed = 1;
};

/// One index into the values of each axis.
using choice = std::vector<std::uint32_t>;

struct space {
  static constexpr std::uint64_t most_points = 1000000;
  static constexpr std::uint64_t most_values = 100000;  ///< of one axis

  std::vector<std::pair<std::string, value>> fixed;
  std::vector<axis> axes;  ///< a repeat axis stands last
  std::vector<constraint> constraints;
  sampling how;
  base::problem at;  ///< of the axes, for what is wrong with all of them

  /// Path and value of everything that differs from the files: fixed ones first.
  std::vector<std::pair<std::string, value>> settings(const choice& c) const;
  /// "smmu.tbu.main_tlb.entries=512, workload.seed=3"
  std::string label(const choice& c) const;
};

/// The points, each once: a grid in the order of its axes (the last is fastest), without those that
/// break a constraint; N at random that keep them; a Latin hypercube of N, without those that break
/// one. `parameters` gives constraints what is neither fixed nor an axis. Throws base::input_error
/// where there are too many, too few, or a constraint cannot be evaluated.
std::vector<choice> choose_points(const space& s, const parameter_table& parameters);

}  // namespace svasim::sweep
