// A translation told for a person: what was read where, what it says, and why it ended as it did.
#pragma once

#include <string>

#include "platforms/scenario/scenario.h"

namespace svasim::scenario {

/// All queries and commands of a case, without time and caches; carries out its mem_writes.
std::string explain(scenario& s);

}  // namespace svasim::scenario
