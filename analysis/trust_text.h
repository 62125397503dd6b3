// What a result's numbers stand on, in words: the same in summary and report. Kept inside
// analysis/.
#pragma once

#include <string>

#include "analysis/result.h"

namespace svasim::analysis {

/// "11 measured, 51 from documents, ...; of these the run reaches 84: 6 measured, ..."; empty where
/// the result does not say.
std::string confidence_text(const result& r);
/// The same of a sweep, of its point that leans on assumed numbers most.
std::string confidence_text(const confidence_info& c);

/// A warning where the run leans on assumed numbers and nobody asked how far they move it; empty
/// else.
std::string assumption_warning(const result& r);
/// "leans on up to 52 of 72 numbers that are assumed; ..." for a sweep.
std::string assumption_warning(const confidence_info& most);

/// "translation p99"
std::string figure_name(const uncertainty_figure& f);
/// A value of the figure: "482.1 ns", "3.412 GB/s".
std::string figure_text(const uncertainty_figure& f, std::uint64_t value);
/// "394.0 ns to 608.0 ns"
std::string band_text(const uncertainty_figure& f);
/// What was varied, and what was not.
std::string effort_text(const uncertainty_info& u);

}  // namespace svasim::analysis
