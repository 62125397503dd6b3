#include "platforms/sva/sva_result.h"

#include <fmt/format.h>

namespace svasim::platforms {
namespace {

using nlohmann::json;
using dma_stats = device::dma_engine_stats;

json or_null(const std::optional<std::uint64_t>& v) {
  return v ? json(*v) : json(nullptr);
}

json latency_at(const fault_record& faults, unsigned percent) {
  const kit::finished_fault* const f = faults.at_percentile(percent);
  return f == nullptr ? json(nullptr) : json(f->latency().value());
}

json hops_of(variant v, const fault_record& faults) {
  const kit::finished_fault* const median = faults.at_percentile(50);
  if (median == nullptr) return nullptr;
  json out = json::array();
  for (const row_time& r : by_rows(v, *median)) {
    out.push_back({{"step", fmt::format("{}.{}", letter(v), r.row->row)},
                   {"actor", r.row->actor},
                   {"what", r.row->what},
                   {"on_path", r.row->on_path},
                   {"ps", r.time.value()}});
  }
  return out;
}

json processor_time(const sva_platform& p) {
  const bool guests = has_guest(p.params().served);
  json out = json::object();
  for (const kit::actor a : {kit::actor::hk, kit::actor::vmm, kit::actor::gk}) {
    const bool there = a == kit::actor::hk || guests;
    out[kit::to_string(a)] = there ? json(p.cpu_time(a).value()) : json(nullptr);
  }
  return out;
}

// Of all processes together.
stats::log_histogram merged(const sva_platform& p,
                            stats::histogram software::process_stats::*which) {
  stats::log_histogram all;
  for (const auto& process : p.processes()) all += (process->statistics().*which).whole();
  return all;
}

std::uint64_t per_second(std::uint64_t n, base::duration time) {
  if (time.value() == 0) return 0;
  return static_cast<std::uint64_t>(static_cast<unsigned __int128>(n) * 1'000'000'000'000u /
                                    time.value());
}

json run_json(const sva_platform& p, const std::string& note) {
  std::uint64_t in_flight = 0;
  for (const auto& d : p.devices()) in_flight += d->dma().statistics().in_flight.current();
  return {{"accesses", p.total(&dma_stats::accesses)},
          {"requests", p.total(&dma_stats::issued)},
          {"completed", p.total(&dma_stats::completed)},
          {"faulted", p.total(&dma_stats::faulted)},
          {"in_flight", in_flight},
          {"bytes", p.total(&dma_stats::bytes)},
          {"time_ps", p.finished_at().value()},
          {"bytes_per_s", per_second(p.total(&dma_stats::bytes), p.finished_at())},
          {"commands", p.commands_consumed()},
          {"commands_by_opcode", json::object()},
          {"table_changes", 0},
          {"note", note}};
}

// What a reader of the figures must know of how the trace was taken.
std::string first_touch_note(const sva_platform& p) {
  const trace_user::counts& c = p.traced()->statistics();
  std::string note = fmt::format("{} pages absent until the device touched them", c.pages);
  if (has_guest(p.params().served)) note += "; each stream in a VM of its own";
  if (c.commands + c.requests != 0) {
    note += fmt::format("; {} commands and requests of the trace were not replayed",
                        c.commands + c.requests);
  }
  return note;
}

std::string viommu_log_note(const sva_platform& p) {
  const viommu_user::counts& c = p.logged()->statistics();
  const auto of = [&c](trace::request_type t) {
    const auto it = c.requests.find(t);
    return it == c.requests.end() ? std::uint64_t{0} : it->second;
  };
  using trace::request_type;
  return fmt::format(
      "the log's requests went through a virtqueue that the VMM serves (variant f): {} attach, {} "
      "detach, {} map, {} unmap, {} of them refused; {} pages were mapped before the log begins",
      of(request_type::attach), of(request_type::detach), of(request_type::map),
      of(request_type::unmap), p.logged()->driver().statistics().failed.value(), c.mapped_before);
}

// In parts per million of `base`.
json slowdown(const json& figures, const json& base) {
  const auto time = figures.at("time_ps").get<std::uint64_t>();
  const auto other = base.at("time_ps").get<std::uint64_t>();
  if (other == 0) return nullptr;
  return static_cast<std::uint64_t>(static_cast<unsigned __int128>(time) * 1'000'000u / other);
}

// What the run comes to, and where there are several devices the faults of each.
void add_figures(json& out, const sva_platform& p) {
  out["sva"] = variant_figures(p);
  out["sva"]["variant"] = std::string(1, letter(p.params().served));
  if (p.devices().size() == 1) return;
  for (std::size_t i = 0; i < p.devices().size(); ++i) {
    const fault_record& faults = p.faults_of(i);
    json& device = out["devices"][i];
    device["faults"] = faults.resolved.value();
    device["fault_p50_ps"] = latency_at(faults, 50);
    device["fault_p99_ps"] = latency_at(faults, 99);
  }
}

json traced_result(const sva_platform& p, const trace::summary& about, const run_input& input,
                   const std::map<std::string, std::string>& provenance, const std::string& note) {
  json out = common_result(p.parts(), provenance);
  out["input"] = input_json(about, input);
  out["run"] = run_json(p, note);
  add_figures(out, p);
  return out;
}

}  // namespace

json variant_figures(const sva_platform& p) {
  const variant v = p.params().served;
  const fault_record& faults = p.faults();
  const stats::log_histogram unmaps = merged(p, &software::process_stats::unmap_time);
  const stats::log_histogram messages = merged(p, &software::process_stats::message_time);
  const std::uint64_t bytes = p.total(&dma_stats::bytes);
  const bool faulting = v != variant::pinned;
  std::uint64_t failed = 0;
  for (const auto& process : p.processes()) failed += process->statistics().failed.value();
  return {{"title", title(v)},
          {"faults", faulting ? json(faults.resolved.value()) : json(nullptr)},
          {"faults_unresolved", faulting ? json(faults.unresolved.value()) : json(nullptr)},
          {"fault_p50_ps", latency_at(faults, 50)},
          {"fault_p99_ps", latency_at(faults, 99)},
          {"unmap_p50_ps", or_null(unmaps.quantile(5000))},
          {"unmap_p99_ps", or_null(unmaps.quantile(9900))},
          {"message_p50_ps", or_null(messages.quantile(5000))},
          {"messages_failed", failed},
          {"time_ps", p.finished_at().value()},
          {"bytes", bytes},
          {"bytes_per_s", per_second(bytes, p.finished_at())},
          {"cpu_ps", processor_time(p)},
          {"hops", hops_of(v, faults)}};
}

json sva_run_result(const sva_platform& p, const std::string& workload, const std::string& digest,
                    const std::map<std::string, std::string>& provenance) {
  const std::uint64_t commands = p.commands_consumed();
  json out = common_result(p.parts(), provenance);
  out["input"] = {{"kind", "workload"},
                  {"name", workload},
                  {"format", "sva"},
                  {"digest", digest},
                  {"lines", p.plan().total_messages()},
                  {"accesses", p.total(&dma_stats::accesses)},
                  {"commands", commands},
                  {"events", 0},
                  {"note", p.plan().question}};
  out["run"] = run_json(p, "");
  add_figures(out, p);
  return out;
}

json first_touch_result(const sva_platform& p, const trace::summary& about, const run_input& input,
                        const std::map<std::string, std::string>& provenance) {
  return traced_result(p, about, input, provenance, first_touch_note(p));
}

json viommu_log_result(const sva_platform& p, const trace::summary& about, const run_input& input,
                       const std::map<std::string, std::string>& provenance) {
  return traced_result(p, about, input, provenance, viommu_log_note(p));
}

void add_slowdown(json& figures, const json& prefaulted, const json& ideal) {
  figures["prefaulted_time_ps"] = prefaulted.at("time_ps");
  figures["ideal_time_ps"] = ideal.at("time_ps");
  figures["slowdown_prefaulted_ppm"] = slowdown(figures, prefaulted);
  figures["slowdown_ideal_ppm"] = slowdown(figures, ideal);
}

}  // namespace svasim::platforms
