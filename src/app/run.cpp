#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <optional>

#include "analysis/result.h"
#include "analysis/summary.h"
#include "app/commands.h"
#include "app/load.h"
#include "app/progress.h"
#include "app/run_output.h"
#include "app/run_sva.h"
#include "app/run_timeline.h"
#include "app/uncertainty.h"
#include "base/error.h"
#include "base/file.h"
#include "platforms/platform.h"
#include "platforms/run_result.h"
#include "workloads/sva_workload.h"

namespace svasim::app {
namespace {

void refuse_comparison_knob(const run_options& o, const platforms::platform_params& p) {
  if (o.check && !p.smmu.tbu.apply_invalidations) {
    throw base::input_error(
        "--check cannot go with smmu.tbu.apply_invalidations=false, which keeps stale "
        "translations on purpose");
  }
}

std::chrono::duration<double> simulate(platforms::platform& p, progress& line) {
  p.on_progress([&line](std::uint64_t done) { line.update(done); });
  const auto start = std::chrono::steady_clock::now();
  p.run();
  return std::chrono::steady_clock::now() - start;
}

}  // namespace

int run(const run_options& o) {
  // Before this process has a simulation of its own.
  const nlohmann::json band = o.uncertainty ? find_uncertainty(o) : nlohmann::json();
  if (o.trace.empty() && workloads::is_sva_workload(o.workload)) return run_sva(o, band);
  const loaded_platform loaded = load_platform(o.platform, o.sets);
  refuse_comparison_knob(o, loaded.params);
  if (loaded.params.memory.first_touch) return run_traced(o, loaded, band);
  const auto source = load_source(o.trace, o.workload);
  if (has_requests(source->about())) return run_traced(o, loaded, band);
  const trace::summary& about = source->about();
  const bool from_trace = !o.trace.empty();
  const std::string& input = from_trace ? o.trace : o.workload;
  if (!o.out.empty()) base::make_directories(o.out);  // before the time is spent

  std::optional<run_timeline> timeline;
  if (!o.timeline.empty()) timeline.emplace(o.timeline);

  progress line(about.accesses, o.quiet);
  std::optional<platforms::platform> model;
  std::chrono::duration<double> took{};
  with_file_name(input, [&] {
    model.emplace(loaded.params, *source, platforms::platform_options{o.check_protocol, o.check});
    if (timeline) {
      timeline->watch(*model, o.timeline_every, base_name(input) + " on " + loaded.params.name);
    }
    took = simulate(*model, line);
  });
  line.finish();
  if (timeline) timeline->finish();
  platforms::platform& p = *model;

  nlohmann::json result = platforms::run_result(
      p, about, {from_trace ? "trace" : "workload", base_name(input)}, loaded.provenance);
  if (o.uncertainty) result["uncertainty"] = band;
  const std::string text = platforms::canonical_text(result);
  const analysis::result parsed = analysis::parse_result(text, "result.json");
  if (!o.out.empty()) write_outputs(o.out, text, parsed);
  if (!o.quiet) {
    const bool colour = ::isatty(STDOUT_FILENO) != 0;
    fmt::print("{}", analysis::summary_text(parsed, colour));
    if (!o.out.empty()) fmt::print("\nwritten: {0}/result.json {0}/report.html\n", o.out);
    if (timeline) fmt::print("\nwritten: {} ({})\n", o.timeline, timeline->summary());
    const auto requests = result["run"]["requests"].get<double>();
    fmt::print(stderr, "svasim: {:.0f} requests in {:.2f} s, {:.2f} M/s{}\n", requests,
               took.count(), requests / took.count() / 1e6,
               o.check ? fmt::format(", {} translations checked", p.checker().checked()) : "");
  }
  const std::string mismatch = platforms::mismatches(p);
  if (mismatch.empty()) return 0;
  fmt::print(stderr, "svasim: {}\n", mismatch);
  return 1;
}

}  // namespace svasim::app
