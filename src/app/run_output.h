// The files of a run.
#pragma once

#include <string>

#include "analysis/result.h"

namespace svasim::app {

/// result.json and report.html in `directory`, both or none. Throws base::input_error.
void write_outputs(const std::string& directory, const std::string& result_text,
                   const analysis::result& parsed);

}  // namespace svasim::app
