#include "simulation.h"

namespace svasim::test {

namespace {

// The values that a test knows in 64 bits.
std::uint64_t sum_of(const stats::histogram& h) {
  return static_cast<std::uint64_t>(h.since_snapshot().sum());
}

}  // namespace

simulation::simulation(const platforms::platform_params& params, memory_workload workload,
                       bool isolation)
    : m_workload(std::move(workload)),
      m_source(m_workload),
      m_platform(params, m_source, {true, isolation}) {
  m_source.on_next = [this](bool after_access) { note_access(after_access); };
}

void simulation::note_access(bool after_access) {
  if (!after_access) return;
  const std::uint64_t total = total_latency();
  m_latencies.push_back(base::duration(total - m_total));
  m_total = total;
}

std::uint64_t simulation::total_latency() {
  const device::dma_engine_stats& d = m_platform.dma().statistics();
  return sum_of(d.read) + sum_of(d.write);
}

void simulation::run() {
  m_platform.run();
}

nlohmann::json simulation::statistic(const std::string& path) {
  nlohmann::json at = m_platform.statistics().to_json();
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    at = nlohmann::json(at.at(path.substr(begin, end - begin)));
    begin = end + 1;
  }
  return at;
}

std::uint64_t simulation::count(const std::string& path) {
  return statistic(path).get<std::uint64_t>();
}

std::string simulation::broken_rule() {
  const device::dma_engine_stats& d = m_platform.dma().statistics();
  if (d.accesses.value() != m_workload.about().accesses) return "not every access was taken";
  if (d.in_flight.current() != 0) return "requests in flight at the end";
  if (d.issued.value() != d.completed.value() + d.faulted.value()) return "requests lost";
  if (d.mismatches.value() != 0) return m_platform.dma().first_mismatch();
  if (m_platform.tbu().statistics().taken.value() != d.issued.value()) return "lost before the TBU";
  std::uint64_t total = 0;
  std::uint64_t translation = 0;
  for (std::size_t i = 0; i < kit::stage_count; ++i) {
    const auto s = static_cast<kit::stage>(i);
    const std::uint64_t sum = m_platform.dma().stages().of(s).sum_ps;
    total += sum;
    if (kit::about(s).group == kit::stage_group::translation) translation += sum;
  }
  if (total != total_latency()) return "the stages do not sum to the latency";
  if (translation != sum_of(d.translation)) return "the stages do not sum to the translation time";
  return "";
}

}  // namespace svasim::test
