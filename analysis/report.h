// A run as one HTML page that explains itself: what was run, key figures, the distribution of
// translation latency with its tail, where the time goes, how full queues were, caches, streams and
// walks, the configuration with its provenance. Self-contained: nothing is fetched (its own content
// policy forbids it), light and dark by the reader's preference, readable from 360 px upwards and
// on paper. With the script of the charts these can be pointed at, sorted and saved as SVG; without
// (a build without npm, a reader without scripts) they are static.
#pragma once

#include <string>

#include "analysis/charts_asset.h"
#include "analysis/result.h"

namespace svasim::analysis {

/// The page, UTF-8. The same result gives the same bytes. Every text of the result is escaped.
std::string report_html(const result& r, const chart_script& script = built_in_charts());

}  // namespace svasim::analysis
