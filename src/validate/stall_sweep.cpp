#include "validate/stall_sweep.h"

#include <fmt/format.h>

#include "platforms/sva/sva_platform.h"
#include "workloads/sva_workload.h"

namespace svasim::validate {
namespace {

struct sweep_arguments {
  std::uint32_t times = 1;
  std::uint32_t faults = 512;
  bool prefault = false;
  base::duration first;
  void describe(describe::visitor& v);
};

void sweep_arguments::describe(describe::visitor& v) {
  v.field("times", times, {1, 1000000}, "messages", "Messages in all.", "");
  v.field("faults", faults, {1, 1 << 20}, "pages", "Pages that fault.", "");
  v.field("prefault", prefault, "Every page is there before.", "");
  v.field("first", first, base::duration(), base::us(1000000),
          "What the first message takes beside, which is not simulated.", "");
}

trace::sva_plan plan_of(const job& j, const sweep_arguments& a) {
  trace::sva_plan p =
      workloads::stall_sweep_point(workloads::read_sva_workload(j.workload), a.times, a.faults);
  p.end = trace::buffer_end::keep;  // what follows the last message is not measured
  return p;
}

void add_parts(const platforms::fault_record& faults, figures& out) {
  using kit::hop;
  const kit::finished_fault* const median = faults.at_percentile(50);
  if (median == nullptr) return;
  for (const char* name : {"event", "thread", "work", "handler", "retry", "fault"}) out[name] = 0;
  for (const kit::hop_time& h : median->on_path) {
    const auto took = static_cast<double>(h.length.value());
    if (h.what == hop::smmu_evtq) out["event"] += took;
    if (h.what == hop::hk_irq_thread) out["thread"] += took;
    if (h.what == hop::hk_group_work) out["work"] += took;
    if (h.what == hop::hk_mm) out["handler"] += took;
    if (h.what == hop::hk_response || h.what == hop::smmu_response || h.what == hop::dev_retry) {
      out["retry"] += took;
    }
  }
  // Without the wait for those before it.
  out["fault"] = out["event"] + out["thread"] + out["work"] + out["handler"] + out["retry"];
}

}  // namespace

std::vector<describe::parameter_info> stall_sweep::arguments(const job& j) const {
  return describe::parameters(arguments_of<sweep_arguments>(j.arguments));
}

void stall_sweep::check(const job& j) const {
  if (j.workload.empty() || !j.trace.empty()) {
    throw base::input_error("stall_sweep needs a workload and takes no trace");
  }
  platform_of(j);
  try {
    plan_of(j, arguments_of<sweep_arguments>(j.arguments));
  } catch (const std::invalid_argument& e) {
    throw base::input_error(e.what());
  }
}

figures stall_sweep::run(const job& j) const {
  const auto a = arguments_of<sweep_arguments>(j.arguments);
  platforms::platform_params params = platform_of(j);
  params.served = platforms::variant::stall;
  platforms::sva_options options;
  options.prefault = a.prefault;
  platforms::sva_platform p(params, plan_of(j, a), options);
  p.run();
  const std::uint64_t faults = p.faults().resolved.value();
  if (faults != (a.prefault ? 0 : a.faults)) {
    throw std::runtime_error(fmt::format("{} faults, not {}", faults, a.faults));
  }
  const double time = static_cast<double>((p.finished_at() + a.first).value());
  figures out{{"kib_per_s", a.times * 1024.0 * 1e12 / time},
              {"time", time},
              {"faults", static_cast<double>(faults)}};
  add_parts(p.faults(), out);
  return out;
}

}  // namespace svasim::validate
