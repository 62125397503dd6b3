#include "platforms/sva/fault_timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tlm/kit/time.h"

namespace svasim::platforms {
namespace {

using kit::hop;

constexpr std::uint64_t root_track = 1;
constexpr std::uint64_t first_counter = 2;
constexpr std::uint64_t first_lane = 1000;

// By index of their components; 0 is the whole fault.
enum actor : std::size_t { device = 1, root_complex, smmu, host, vmm, vcpu, guest_kernel };
constexpr const char* names[] = {"Faults", "Device",      "PCIe link and root complex",
                                 "SMMU",   "Host kernel", "VMM",
                                 "vCPU",   "Guest kernel"};

actor actor_of(hop h) {
  switch (h) {
    case hop::dev_request:
    case hop::dev_page_request:
    case hop::dev_untranslated:
    case hop::dev_retry:
      return device;
    case hop::rc_request:
      return root_complex;
    case hop::smmu_walk:
    case hop::smmu_completion:
    case hop::smmu_priq:
    case hop::smmu_stall:
    case hop::smmu_evtq:
    case hop::smmu_response:
      return smmu;
    case hop::vmm_fault_thread:
    case hop::vmm_event:
    case hop::vmm_guest_queue:
    case hop::vmm_inject:
    case hop::vmm_response:
    case hop::vmm_command:
    case hop::vmm_status:
      return vmm;
    case hop::vcpu_inject:
      return vcpu;
    case hop::gk_event_irq:
    case hop::gk_work:
    case hop::gk_mm:
    case hop::gk_priq_thread:
    case hop::gk_page_response:
    case hop::gk_command:
      return guest_kernel;
    default:
      return host;
  }
}

// The row of the variant's table that a hop belongs to; null where it has none.
const hop_row* row_of(variant v, hop h) {
  for (const hop_row& r : fault_rows(v)) {
    if (std::find(r.hops.begin(), r.hops.end(), h) != r.hops.end()) return &r;
  }
  return nullptr;
}

// A queue of an SMMU in memory, and the records in it now.
struct queue_fill {
  std::string name;
  std::uint32_t records;
};

// Both with the wrap bit; what stands above is not of the index.
std::uint32_t between(std::uint32_t cons, std::uint32_t prod, std::uint32_t entries) {
  return (prod - cons) & (2 * entries - 1);
}

std::vector<queue_fill> queue_fills(const sva_platform& p) {
  std::vector<queue_fill> out;
  for (const auto& s : p.smmus()) {
    const std::string prefix = s->name().empty() ? "" : s->name() + " ";
    const auto add = [&](const char* name, std::uint32_t cons, const auto& q) {
      out.push_back({prefix + name, between(cons, q.prod(), q.entries())});
    };
    add("CMDQ", s->commands().read_index(), s->commands());
    add("EVTQ", s->events().cons(), s->events());
    if (s->pages() != nullptr) add("PRIQ", s->pages()->cons(), *s->pages());
  }
  return out;
}

std::uint64_t ns(base::duration t) {
  return t.value() / 1000;
}

}  // namespace

fault_timeline::fault_timeline(track_events::sink out, std::uint64_t every, const std::string& name,
                               sva_platform& p)
    : m_out(std::move(out)),
      m_every(every),
      m_platform(p),
      m_variant(p.params().served),
      m_lanes(root_track, first_lane) {
  m_out.add({root_track, 0, name, 0, false, true});
  for (const char* component : names) m_lanes.add_component(component);
  auto rank = static_cast<std::int64_t>(m_lanes.components());
  std::uint64_t uuid = first_counter;
  for (const queue_fill& q : queue_fills(p)) {
    m_out.add({uuid, root_track, fmt::format("{} (records)", q.name), rank++, true, false});
    m_out.count(uuid++, 0, q.records);
    m_counts.push_back(q.records);
  }
  p.hops().on_finished = [this, before = p.hops().on_finished](const kit::finished_fault& f) {
    if (before) before(f);
    finished(f);
  };
  p.hops().on_change = [this] { count(); };
}

void fault_timeline::finished(const kit::finished_fault& f) {
  if (m_seen++ % m_every != 0) return;
  std::size_t lane = 0;
  if (!m_lanes.take(f.started, f.ended, lane)) {
    ++m_left_out;
    return;
  }
  ++m_drawn;
  draw(f, lane);
}

void fault_timeline::draw(const kit::finished_fault& f, std::size_t lane) {
  const std::uint64_t number = m_seen;  // from 1: 0 is no flow
  m_out.add({m_lanes.track(m_out, 0, lane), ns(f.started), ns(f.ended),
             fmt::format("fault of PASID {}", f.key.pasid), number, false},
            {{"fault", number, {}},
             {"stream", f.key.sid.value(), {}},
             {"pasid", f.key.pasid, {}},
             {"tag", f.key.tag, {}},
             {"result", 0, f.resolved ? "resolved" : "failed"},
             {"ps", f.latency().value(), {}}});
  base::duration begin = f.started;
  for (const kit::hop_time& h : f.on_path) {
    const base::duration end = begin + h.length;
    const hop_row* const row = row_of(m_variant, h.what);
    const std::string step =
        row == nullptr ? "-" : fmt::format("{}.{}", letter(m_variant), row->row);
    m_out.add({m_lanes.track(m_out, actor_of(h.what), lane), ns(begin), ns(end),
               row == nullptr ? "another" : row->what, number, &h == &f.on_path.back()},
              {{"fault", number, {}}, {"step", 0, step}, {"ps", h.length.value(), {}}});
    begin = end;
  }
}

// What has changed since the last look.
void fault_timeline::count() {
  std::size_t at = 0;
  for (const queue_fill& q : queue_fills(m_platform)) {
    if (m_counts[at] != q.records) m_out.count(first_counter + at, ns(kit::now()), q.records);
    m_counts[at++] = q.records;
  }
}

}  // namespace svasim::platforms
