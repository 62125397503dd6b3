// The benches that rows can name.
#pragma once

#include <map>
#include <string>

#include "validate/experiment.h"

namespace svasim::validate {

std::map<std::string, const experiment*> benches();

}  // namespace svasim::validate
