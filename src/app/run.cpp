#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <optional>

#include "analysis/report.h"
#include "analysis/result.h"
#include "analysis/summary.h"
#include "app/commands.h"
#include "app/load.h"
#include "app/progress.h"
#include "app/run_timeline.h"
#include "base/error.h"
#include "base/file.h"
#include "platforms/platform.h"
#include "platforms/run_result.h"

namespace svasim::app {
namespace {

void refuse_comparison_knob(const run_options& o, const platforms::platform_params& p) {
  if (o.check && !p.smmu.tbu.apply_invalidations) {
    throw base::input_error(
        "--check cannot go with smmu.tbu.apply_invalidations=false, which keeps stale "
        "translations on purpose");
  }
}

// Both files or none: the report stands under another name until the result is there.
void write_outputs(const std::string& directory, const std::string& result_text,
                   const analysis::result& parsed) {
  const std::string report = directory + "/report.html";
  const std::string suffix = fmt::format(".tmp.{}", ::getpid());
  const std::string waiting = report + suffix;
  try {
    base::write_file_atomically(waiting, analysis::report_html(parsed));
    base::write_file_atomically(directory + "/result.json", result_text);
    if (std::rename(waiting.c_str(), report.c_str()) != 0) {
      throw base::input_error("cannot write " + report + ": " + std::strerror(errno));
    }
  } catch (const base::input_error& e) {
    ::unlink(waiting.c_str());
    std::string text = e.what();
    const std::size_t at = text.find(suffix);
    if (at != std::string::npos) text.erase(at, suffix.size());
    throw base::input_error(text);
  }
}

// `work()`, where what the model says against a trace gets the name of its file.
template <class F>
void with_file_name(const std::string& file, F work) {
  try {
    work();
  } catch (const base::input_error& e) {
    std::vector<base::problem> problems = e.problems();
    for (base::problem& p : problems) {
      if (p.file.empty()) p.file = file;
    }
    throw base::input_error(std::move(problems));
  }
}

std::chrono::duration<double> simulate(platforms::platform& p, progress& line) {
  p.dma().on_progress = [&line](std::uint64_t done) { line.update(done); };
  const auto start = std::chrono::steady_clock::now();
  p.run();
  return std::chrono::steady_clock::now() - start;
}

// The first requests whose output is not what the trace says: a defect of tables, caches or replay.
int verdict(platforms::platform& p) {
  const std::string& mismatch = p.dma().first_mismatch();
  if (mismatch.empty() || !p.params().smmu.tbu.apply_invalidations) return 0;
  fmt::print(stderr, "svasim: {} requests went elsewhere than in the trace, first: {}\n",
             p.dma().statistics().mismatches.value(), mismatch);
  return 1;
}

}  // namespace

int run(const run_options& o) {
  const loaded_platform loaded = load_platform(o.platform, o.sets);
  refuse_comparison_knob(o, loaded.params);
  const auto source = load_source(o.trace, o.workload);
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

  const nlohmann::json result = platforms::run_result(
      p, about, {from_trace ? "trace" : "workload", base_name(input)}, loaded.provenance);
  const std::string text = platforms::canonical_text(result);
  const analysis::result parsed = analysis::parse_result(text, "result.json");
  if (!o.out.empty()) write_outputs(o.out, text, parsed);
  if (!o.quiet) {
    const bool colour = ::isatty(STDOUT_FILENO) != 0;
    fmt::print("{}", analysis::summary_text(parsed, colour));
    if (!o.out.empty()) fmt::print("\nwritten: {0}/result.json {0}/report.html\n", o.out);
    if (timeline) fmt::print("\nwritten: {} ({})\n", o.timeline, timeline->summary());
    const auto requests = static_cast<double>(p.dma().statistics().issued.value());
    fmt::print(stderr, "svasim: {:.0f} requests in {:.2f} s, {:.2f} M/s{}\n", requests,
               took.count(), requests / took.count() / 1e6,
               o.check ? fmt::format(", {} translations checked", p.checker().checked()) : "");
  }
  return verdict(p);
}

}  // namespace svasim::app
