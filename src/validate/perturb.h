// Does each spent constant matter? Each is changed, up and down, by twice the tolerance of its row
// (counts by one, a yes to a no, others by the step that the row gives): some point of the row must
// then be bad. A row that stays good claims a constant that it does not need, or has too wide a
// tolerance.
#pragma once

#include <string>
#include <vector>

#include "validate/suite.h"

namespace svasim::validate {

struct perturbation {
  const validate::row* row = nullptr;
  const spent_constant* constant = nullptr;
  std::string value;    ///< what it was changed to
  std::string noticed;  ///< the point that is bad then; empty: none
};

/// Slow points are simulated only where no other point has noticed. Throws as run_rows().
std::vector<perturbation> perturb(const std::vector<row>& rows, const suite_options& o);

/// The values that a constant is changed to. Throws base::input_error where the row gives none.
std::vector<std::string> changed_values(const row& r, const spent_constant& s);

}  // namespace svasim::validate
