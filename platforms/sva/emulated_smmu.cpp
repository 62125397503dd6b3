#include "platforms/sva/emulated_smmu.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "platforms/sva/layout.h"

namespace svasim::platforms {

namespace at = sva_layout;
using kit::hop;

namespace {
constexpr std::uint64_t cmdq_prod = 0x98, priq_prod = 0x100c8, priq_cons = 0x100cc;
constexpr std::uint64_t own_queue_bytes = 0x10000;
}  // namespace

emulated_smmu::emulated_smmu(const platform_params& params, wiring w, stats::group& statistics)
    : m_params(params), m_wiring(std::move(w)), m_names(m_wiring.name, statistics) {
  m_ring = std::make_unique<software::fault_ring>(
      m_names.module("fault_queue").c_str(),
      at::fault_rings + m_wiring.number * at::next_smmu + m_wiring.guest * at::per_guest,
      m_params.software.host.fault_ring, m_params.software.host.kernel.costs,
      m_params.software.host.vmm, m_names.group());
  build_driver();
  if (m_params.served == variant::guest_commands) build_own_queue();
  const software::smmu_ring pages = build_threads();
  build_emulation(pages);
  const kernel_params& k = m_params.software.guest.kernel;
  m_faults = std::make_unique<software::io_pgfault>(
      k.io_pgfault, k.costs, *m_wiring.machine, kit::actor::gk, *m_driver, m_wiring.log,
      software::io_pgfault::hops{hop::gk_work, hop::gk_mm}, m_names.group(),
      m_names.module("iopf_queue"));
}

bool emulated_smmu::owns(base::stream_id sid) const {
  const auto& all = m_wiring.streams;
  return std::find(all.begin(), all.end(), sid) != all.end();
}

void emulated_smmu::bind(base::stream_id sid, base::substream_id pasid,
                         software::process_memory& mm) {
  m_faults->bind(pasid, mm);
  m_driver->bind(pasid, sid, base::vmid(0));
}

std::uint64_t emulated_smmu::rings() const {
  return at::guest_rings + (m_wiring.index * at::most_guests + m_wiring.guest) * at::per_guest;
}

std::uint64_t emulated_smmu::registers() const {
  return at::guest_smmu + m_wiring.index * at::next_guest_smmu;
}

software::command_lists::ring emulated_smmu::commands() const {
  software::command_lists::ring out;
  out.base = rings() + at::ring_commands;
  out.entries = 1u << m_params.software.guest.log2_commands;
  out.registers = registers();
  out.msi = rings() + at::ring_syncs;
  return out;
}

void emulated_smmu::build_driver() {
  m_driver =
      std::make_unique<software::arm_smmu_v3>(m_params.software.guest.smmu, commands(), true,
                                              m_wiring.log, hop::gk_command, m_names.group());
}

// A queue of the hardware that the guest writes and rings itself.
void emulated_smmu::build_own_queue() {
  const std::uint64_t ring = rings() + at::ring_own_commands;
  smmu::command_queue_params p = m_wiring.smmu->params().command_queue;
  p.log2_entries = m_params.software.guest.log2_commands;
  smmu::guest_command_queue& queue = m_wiring.smmu->add_guest_queue(
      fmt::format("guest_queue{}", m_wiring.guest), p, base::pa(ring + layout::guest_offset));
  queue.assign(m_wiring.vmid);
  for (const base::stream_id sid : m_wiring.streams) queue.map_stream(sid, sid);
  queue.enable(true);
  const std::uint64_t place =
      at::own_queue_registers +
      (m_wiring.number * at::most_guests + m_wiring.guest) * own_queue_bytes;
  m_wiring.registers->add(place, own_queue_bytes,
                          [&queue](tlm::tlm_generic_payload& access, sc_core::sc_time&) {
                            std::uint32_t value = 0;
                            std::memcpy(&value, access.get_data_ptr(), sizeof value);
                            if (access.is_write() && access.get_address() == cmdq_prod)
                              queue.write_prod(value);
                            value = queue.read_index();
                            if (access.is_read())
                              std::memcpy(access.get_data_ptr(), &value, sizeof value);
                            access.set_response_status(tlm::TLM_OK_RESPONSE);
                          });
  const std::uint64_t seen_at = at::guest_own_queue + m_wiring.index * at::next_guest_smmu;
  m_wiring.machine->pass_through(base::ipa(seen_at), own_queue_bytes, base::pa(place));
  software::command_lists::ring own;
  own.base = ring;
  own.entries = 1u << p.log2_entries;
  own.registers = seen_at;
  m_driver->add_queue(own);
}

software::smmu_ring emulated_smmu::build_threads() {
  const guest_params& g = m_params.software.guest;
  software::smmu_ring pages;
  pages.base = rings() + at::ring_pages;
  pages.entries = 1u << g.log2_page_requests;
  pages.entry_bytes = 16;
  pages.prod = registers() + priq_prod;
  pages.cons = registers() + priq_cons;
  m_page_thread = std::make_unique<software::queue_thread>(
      m_names.module("priq").c_str(), g.kernel.costs, pages, *m_wiring.machine, kit::actor::gk, 0,
      [this](kit::task& t, const std::uint64_t* words) {
        const arch::page_request r = arch::decode_page_request({words[0], words[1]});
        if (r.last) {
          m_wiring.log->enter_no_earlier(software::key_of(r), hop::gk_priq_thread,
                                         m_page_thread->woken_at());
        }
        m_faults->report(t, r);
      },
      [this](kit::task&) { m_faults->discard_partial(); }, m_names.group());
  return pages;
}

void emulated_smmu::build_emulation(const software::smmu_ring& pages) {
  const software::command_lists::ring queue = commands();
  software::vsmmu_rings v;
  v.priq = pages.base + layout::guest_offset;
  v.priq_entries = pages.entries;
  v.cmdq = queue.base + layout::guest_offset;
  v.cmdq_entries = queue.entries;
  v.pa_offset = layout::guest_offset;
  const unsigned interrupt = m_page_thread->interrupt();
  m_vsmmu = std::make_unique<software::vsmmu>(
      m_params.software.host.kernel.costs, m_params.software.host.vmm, v, m_wiring.vmid,
      *m_wiring.host_machine, *m_ring, *m_wiring.host, m_wiring.log,
      [this, interrupt](kit::task& t) { m_wiring.inject(t, interrupt); }, m_names.group());
  const std::uint64_t base = registers();
  m_wiring.machine->trap(
      base::ipa(base), at::smmu_register_bytes,
      [this, base](kit::task& t, bool write, std::uint64_t address, std::uint32_t value) {
        return m_vsmmu->access(t, write, address - base, value);
      },
      true);
}

}  // namespace svasim::platforms
