// From the JSON of one case to a scenario.
#pragma once

#include "platforms/scenario/fields.h"
#include "platforms/scenario/scenario.h"

namespace svasim::scenario {

/// Throws base::input_error at the first value that is wrong.
scenario parse_case(const origin& from, const describe::json_value& v);

}  // namespace svasim::scenario
