// What a result's numbers stand on, in words: the same in summary and report. Kept inside
// analysis/.
#pragma once

#include <string>

#include "analysis/result.h"

namespace svasim::analysis {

/// "11 measured, 51 from documents, ...; of these the run reaches 84: 6 measured, ..."; empty where
/// the result does not say.
std::string confidence_text(const result& r);

/// A warning where the run leans on assumed numbers and nobody asked how far they move it; empty
/// else.
std::string assumption_warning(const result& r);

/// "translation p99"
std::string figure_name(const uncertainty_figure& f);
/// A value of the figure: "482.1 ns", "3.412 GB/s".
std::string figure_text(const uncertainty_figure& f, std::uint64_t value);
/// "394.0 ns to 608.0 ns"
std::string band_text(const uncertainty_figure& f);
/// What was varied, and what was not.
std::string effort_text(const uncertainty_info& u);

}  // namespace svasim::analysis
