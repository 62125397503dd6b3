#include "tlm/software/io_pgfault.h"

namespace svasim::software {

void io_pgfault_params::describe(describe::visitor& v) {
  v.field("workers", workers, {1, 1024}, "threads",
          "Groups served at a time, each by a thread of an unbound workqueue.",
          "A: unbound with the default limit, Linux io-pgfault (vsva-flow 7); as many as cores");
  v.field("groups", groups, {1, 65536}, "groups", "Groups that may wait.",
          "A: as many as fault records of VFIO");
  v.field("partial", partial, {1, 65536}, "requests", "Requests kept of unfinished groups.",
          "A: as many as fault records of VFIO");
}

io_pgfault::io_pgfault(const io_pgfault_params& params, const kernel_costs& costs, kit::machine& on,
                       kit::actor who, iommu_ops& answers, kit::hop_log* log, hops names,
                       stats::group* parent, const std::string& queue)
    : m_params(params),
      m_costs(costs),
      m_answers(answers),
      m_log(log),
      m_hops(names),
      m_stats(parent),
      m_queue(
          queue, on, who, params.workers, params.groups, costs.work_dispatch,
          [this](kit::task& t, fault_group& g) { serve(t, g); }, &m_stats) {}

void io_pgfault::report(kit::task& t, const arch::page_request& r) {
  if (r.is_stop_marker()) return;
  m_stats.requests += 1;
  const kit::fault_key key = key_of(r);
  const auto begun = m_partial.find(key);
  if (!r.last) {
    if (m_partial_count >= m_params.partial) {
      m_stats.partial_dropped += 1;
      return;
    }
    fault_group& g = begun != m_partial.end() ? begun->second : m_partial[key];
    g.requests.push_back(r);
    ++m_partial_count;
    return;
  }
  fault_group group;
  if (begun != m_partial.end()) {
    group = std::move(begun->second);
    m_partial_count -= static_cast<std::uint32_t>(group.requests.size());
    m_partial.erase(begun);
  }
  group.sid = r.sid;
  group.has_pasid = r.has_ssid;
  group.pasid = r.ssid;
  group.tag = r.prg_index;
  group.requests.push_back(r);
  queue(t, std::move(group));
}

void io_pgfault::report(kit::task& t, fault_group group) {
  m_stats.requests += group.requests.size();
  queue(t, std::move(group));
}

void io_pgfault::queue(kit::task& t, fault_group&& group) {
  if (m_log != nullptr) m_log->enter(group.key(), m_hops.queued, kit::now());
  if (m_queue.queue(group)) return;
  m_stats.refused += 1;
  m_stats.failed += 1;
  m_answers.respond(t, group, false);
}

void io_pgfault::discard_partial() {
  m_stats.partial_dropped += m_partial_count;
  m_partial.clear();
  m_partial_count = 0;
}

void io_pgfault::serve(kit::task& t, fault_group& group) {
  if (m_log != nullptr) m_log->enter(group.key(), m_hops.mm, kit::now());
  t.compute(m_costs.iopf_group);
  const auto mm = m_memories.find(group.pasid.value());
  bool good = group.has_pasid && mm != m_memories.end();
  {
    const kit::hop_log::serving served(m_log, group.key());
    for (const arch::page_request& r : group.requests) {
      if (!good) break;
      good = mm->second->handle_fault(t, r.address, r.write);
    }
  }
  m_stats.groups += 1;
  if (!good) m_stats.failed += 1;
  m_answers.respond(t, group, good);
}

}  // namespace svasim::software
