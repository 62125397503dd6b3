// A run as one HTML page that explains itself: what was run, key figures, the distribution of
// translation latency with its tail, where the time goes, caches and walks, the configuration with
// its provenance. Self-contained: no script, no network (its own content policy forbids both),
// inline SVG and CSS, light and dark by the reader's preference, readable from 360 px upwards and
// on paper.
#pragma once

#include <string>

#include "analysis/result.h"

namespace svasim::analysis {

/// The page, UTF-8. The same result gives the same bytes. Every text of the result is escaped.
std::string report_html(const result& r);

}  // namespace svasim::analysis
