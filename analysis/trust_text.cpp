#include "analysis/trust_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/text.h"

namespace svasim::analysis {
namespace {

std::string numbers(std::uint64_t n) {
  return n == 1 ? "1 number" : count_text(n) + " numbers";
}

}  // namespace

std::string confidence_text(const result& r) {
  return r.confidence ? confidence_text(*r.confidence) : std::string();
}

std::string confidence_text(const confidence_info& c) {
  return fmt::format("{}: {}; the run reaches {}: {}", numbers(c.platform.total()),
                     describe::to_string(c.platform), count_text(c.reached.total()),
                     describe::to_string(c.reached));
}

std::string assumption_warning(const result& r) {
  if (!r.confidence || r.uncertainty || r.confidence->reached.assumed == 0) return {};
  const describe::trust_counts& c = r.confidence->reached;
  return fmt::format(
      "leans on {} of {} that are assumed; run with --uncertainty to see how far "
      "they move it",
      count_text(c.assumed), numbers(c.total()));
}

std::string assumption_warning(const confidence_info& most) {
  const describe::trust_counts& c = most.reached;
  if (c.assumed == 0) return {};
  return fmt::format(
      "leans on up to {} of {} that are assumed; svasim run --uncertainty shows how far they move "
      "one of its points",
      count_text(c.assumed), numbers(c.total()));
}

std::string figure_name(const uncertainty_figure& f) {
  std::string out = f.name;
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

std::string figure_text(const uncertainty_figure& f, std::uint64_t value) {
  return f.unit == "ps"        ? time_text(value)
         : f.unit == "bytes/s" ? rate_text(value)
                               : count_text(value);
}

std::string band_text(const uncertainty_figure& f) {
  return fmt::format("{} to {}", figure_text(f, f.low), figure_text(f, f.high));
}

std::string effort_text(const uncertainty_info& u) {
  const std::string out = fmt::format(
      "{} assumed, varied one at a time in {} runs; {} that the run does not reach skipped, {} "
      "kept "
      "(zero, or no legal neighbour)",
      numbers(u.varied), count_text(u.runs), count_text(u.unreached), count_text(u.fixed));
  return u.failed == 0 ? out : fmt::format("{}; {} runs failed", out, count_text(u.failed));
}

}  // namespace svasim::analysis
