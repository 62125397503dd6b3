#include "validate/run_experiment.h"

#include <memory>

#include "analysis/result.h"
#include "analysis/sweep/metric.h"
#include "base/file.h"
#include "platforms/platform.h"
#include "platforms/run_result.h"
#include "platforms/sva/sva_result.h"
#include "workloads/generator.h"
#include "workloads/open_trace.h"
#include "workloads/single_accesses.h"
#include "workloads/sva_workload.h"

namespace svasim::validate {
namespace {

using nlohmann::json;

describe::document workload_document(const job& j) {
  describe::document d = describe::document::from_file(j.workload);
  for (const auto& [path, value] : j.set) {
    const std::string prefix = workload_prefix;
    if (path.rfind(prefix, 0) != 0) continue;
    describe::apply_override(d, path.substr(prefix.size()) + "=" + value);
  }
  return d;
}

workloads::generator_params generated(const job& j) {
  workloads::generator_params out;
  describe::read_into(workload_document(j), out);
  return out;
}

trace::sva_plan plan_of(const job& j) {
  workloads::sva_workload out;
  describe::read_into(workload_document(j), out);
  return out.plan;
}

bool is_sva(const job& j) {
  return j.trace.empty() && workloads::is_sva_workload(j.workload);
}

std::unique_ptr<trace::source> source_of(const job& j) {
  if (j.trace.empty()) return std::make_unique<workloads::generator>(generated(j));
  auto source = workloads::open_trace(j.trace);
  if (source->about().runs == source->about().accesses) return source;
  return std::make_unique<workloads::single_accesses>(std::move(source));
}

void add_numbers(const std::string& path, const json& at, figures& out) {
  if (at.is_number()) {
    out[path] = at.get<double>();
  } else if (at.is_object()) {
    for (const auto& [key, v] : at.items()) {
      add_numbers(path.empty() ? key : path + "." + key, v, out);
    }
  }
}

}  // namespace

void run_experiment::check(const job& j) const {
  if (j.trace.empty() == j.workload.empty()) {
    throw base::input_error("run needs exactly one of workload and trace");
  }
  if (!j.arguments.empty()) throw base::input_error("run takes no arguments");
  const platforms::platform_params p = platform_of(j);
  if (p.memory.first_touch) throw base::input_error("run does not know memory.first_touch");
  if (!j.trace.empty()) return;
  if (is_sva(j)) {
    plan_of(j);
  } else {
    generated(j);
  }
}

figures run_experiment::run(const job& j) const {
  const platforms::platform_params params = platform_of(j);
  const auto sources = describe::effective_provenance(params);
  json result;
  if (is_sva(j)) {
    const trace::sva_plan plan = plan_of(j);
    platforms::sva_platform p(params, plan);
    p.run();
    result = platforms::sva_run_result(p, "workload", workloads::digest_of(plan), sources);
  } else {
    const auto source = source_of(j);
    platforms::platform p(params, *source, platforms::platform_options{});
    p.run();
    result = platforms::run_result(p, source->about(), {"workload", "workload"}, sources);
  }
  figures out;
  add_numbers("", result, out);
  const std::string text = platforms::canonical_text(result);
  for (const sweep::metric& m : sweep::metrics_of(analysis::parse_result(text, "result.json"))) {
    out[m.name] = static_cast<double>(m.value);
  }
  return out;
}

}  // namespace svasim::validate
