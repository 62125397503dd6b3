// The members "confidence" and "uncertainty" of a result: what its numbers stand on, and how far
// those that are assumed could move it.
#include <fmt/format.h>

#include "analysis/result_parts.h"

namespace svasim::analysis {
namespace {

using json = nlohmann::json;

describe::trust_counts read_counts(const json& object, const std::string& path,
                                   problem_list& problems) {
  member_reader in(object, path, problems);
  describe::trust_counts out;
  out.measured = in.integer("measured");
  out.documents = in.integer("documents");
  out.derived = in.integer("derived");
  out.assumed = in.integer("assumed");
  out.own = in.integer("own");
  in.finish();
  return out;
}

uncertainty_figure::mover read_mover(const json& object, const std::string& path,
                                     problem_list& problems) {
  member_reader in(object, path, problems);
  uncertainty_figure::mover out;
  out.path = in.text("path");
  out.low_value = in.text("low_value");
  out.high_value = in.text("high_value");
  out.at_low = in.integer("at_low");
  out.at_high = in.integer("at_high");
  in.finish();
  return out;
}

uncertainty_figure read_figure(const json& object, const std::string& path,
                               problem_list& problems) {
  member_reader in(object, path, problems);
  uncertainty_figure out;
  out.name = in.text("name");
  out.unit = in.text("unit");
  out.value = in.integer("value");
  out.low = in.integer("low");
  out.high = in.integer("high");
  const json& movers = in.array("movers");
  for (std::size_t i = 0; i < movers.size(); ++i) {
    out.movers.push_back(read_mover(movers[i], fmt::format("{}.movers.{}", path, i), problems));
  }
  in.finish();
  if (out.low > out.value || out.high < out.value) {
    in.problem("value",
               fmt::format("{} is not in its band of {} to {}", out.value, out.low, out.high));
  }
  return out;
}

}  // namespace

void read_trust(member_reader& parent, problem_list& problems, result& out) {
  if (parent.has("confidence")) {
    member_reader in(parent.object("confidence"), "confidence", problems);
    confidence_info c;
    c.platform = read_counts(in.object("platform"), "confidence.platform", problems);
    c.reached = read_counts(in.object("reached"), "confidence.reached", problems);
    in.finish();
    out.confidence = c;
  }
  if (!parent.has("uncertainty")) return;
  member_reader in(parent.object("uncertainty"), "uncertainty", problems);
  uncertainty_info u;
  u.runs = in.integer("runs");
  u.varied = in.integer("varied");
  u.unreached = in.integer("unreached");
  u.fixed = in.integer("fixed");
  u.failed = in.integer("failed");
  const json& figures = in.array("figures");
  for (std::size_t i = 0; i < figures.size(); ++i) {
    u.figures.push_back(
        read_figure(figures[i], fmt::format("uncertainty.figures.{}", i), problems));
  }
  in.finish();
  out.uncertainty = std::move(u);
}

}  // namespace svasim::analysis
