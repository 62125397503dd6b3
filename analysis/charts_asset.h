// The script of the interactive charts (analysis/web, ECharts), as the build put it into the
// program; empty where it could not be made.
#pragma once

#include <string_view>

namespace svasim::analysis {

struct chart_script {
  std::string_view text;    ///< the whole of a script element; empty: there is none
  std::string_view sha256;  ///< of it in base64, as a content policy names it
};

/// What this program was built with.
chart_script built_in_charts();

}  // namespace svasim::analysis
