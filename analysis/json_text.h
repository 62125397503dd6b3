// JSON text to a document, with what nlohmann_json lets pass made an error: a member given twice,
// and nesting without end. Kept inside analysis/.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace svasim::analysis {

/// Throws base::input_error "NAME:LINE:COL: ..." for bad syntax, "NAME: ..." for the rest.
nlohmann::json parse_json(const std::string& text, const std::string& name);

}  // namespace svasim::analysis
