#include "app/run_sva.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <optional>

#include "analysis/result.h"
#include "analysis/summary.h"
#include "app/first_touch.h"
#include "app/load.h"
#include "app/run_output.h"
#include "app/run_timeline.h"
#include "base/error.h"
#include "base/file.h"
#include "platforms/sva/sva_result.h"
#include "workloads/sva_workload.h"

namespace svasim::app {
namespace {

void report(const run_options& o, nlohmann::json result, const nlohmann::json& band) {
  if (!band.is_null()) result["uncertainty"] = band;
  const std::string text = platforms::canonical_text(result);
  const analysis::result parsed = analysis::parse_result(text, "result.json");
  if (!o.out.empty()) write_outputs(o.out, text, parsed);
  if (o.quiet) return;
  fmt::print("{}", analysis::summary_text(parsed, ::isatty(STDOUT_FILENO) != 0));
  if (!o.out.empty()) fmt::print("\nwritten: {0}/result.json {0}/report.html\n", o.out);
}

void print_end(const run_options& o, std::uint64_t requests, std::chrono::duration<double> took,
               std::uint64_t checked) {
  if (o.quiet) return;
  fmt::print(stderr, "svasim: {} requests in {:.2f} s{}\n", requests, took.count(),
             o.check ? fmt::format(", {} accesses checked", checked) : "");
}

void print_drawn(const run_options& o, const std::optional<run_timeline>& timeline) {
  if (!timeline || o.quiet) return;
  fmt::print("\nwritten: {} ({})\n", o.timeline, timeline->summary());
}

}  // namespace

int run_sva(const run_options& o, const nlohmann::json& band) {
  const loaded_platform loaded = load_platform(o.platform, o.sets);
  const trace::sva_plan plan = workloads::read_sva_workload(o.workload);
  if (!o.out.empty()) base::make_directories(o.out);  // before the time is spent
  const auto start = std::chrono::steady_clock::now();
  platforms::sva_options options;
  options.check = o.check;
  std::optional<run_timeline> timeline;  // outlives the platform that it watches
  if (!o.timeline.empty()) timeline.emplace(o.timeline);
  std::unique_ptr<platforms::sva_platform> built;
  with_file_name(o.workload, [&] {
    built = std::make_unique<platforms::sva_platform>(loaded.params, plan, options);
  });
  platforms::sva_platform& p = *built;
  if (timeline) {
    timeline->watch(p, o.timeline_every, base_name(o.workload) + " on " + loaded.params.name);
  }
  p.run();
  if (timeline) timeline->finish();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const nlohmann::json result = platforms::sva_run_result(
      p, base_name(o.workload), workloads::digest_of(plan), loaded.provenance);
  report(o, result, band);
  print_drawn(o, timeline);
  print_end(o, p.total(&device::dma_engine_stats::issued), took, p.checked());
  return 0;
}

int run_traced(const run_options& o, const loaded_platform& loaded, const nlohmann::json& band) {
  const bool first_touch = loaded.params.memory.first_touch;
  if (!o.timeline.empty() && !first_touch) {
    throw base::input_error("--timeline: requests of a virtio-iommu log have no faults to draw");
  }
  std::optional<run_timeline> timeline;  // outlives the platform that it watches
  if (!o.timeline.empty()) timeline.emplace(o.timeline);
  if (!o.out.empty()) base::make_directories(o.out);  // before the time is spent
  const bool from_trace = !o.trace.empty();
  traced_input input;
  input.file = from_trace ? o.trace : o.workload;
  input.name = {from_trace ? "trace" : "workload", base_name(input.file)};
  input.open = [&o] { return load_source(o.trace, o.workload); };
  if (timeline) {
    input.watch = [&](platforms::sva_platform& p) {
      timeline->watch(p, o.timeline_every, input.name.name + " on " + loaded.params.name);
    };
  }
  const auto start = std::chrono::steady_clock::now();
  const traced_outcome done = first_touch ? simulate_first_touch(loaded, input, o.check)
                                          : simulate_viommu_log(loaded, input, o.check);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  if (timeline) timeline->finish();
  report(o, done.result, band);
  print_drawn(o, timeline);
  print_end(o, done.requests, took, done.checked);
  if (done.mismatch.empty()) return 0;
  fmt::print(stderr, "svasim: a request went elsewhere than in the log: {}\n", done.mismatch);
  return 1;
}

}  // namespace svasim::app
