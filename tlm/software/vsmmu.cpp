#include "tlm/software/vsmmu.h"

namespace svasim::software {

using arch::command;
using arch::opcode;

namespace {
// IHI 0070 6.1.
constexpr std::uint64_t cmdq_prod = 0x98, cmdq_cons = 0x9c;
constexpr std::uint64_t priq_prod = 0x100c8, priq_cons = 0x100cc;
constexpr std::uint32_t overflow = 1u << 31;

bool is_invalidation(opcode op) {
  switch (op) {
    case opcode::tlbi_nsnh_all:
    case opcode::tlbi_nh_all:
    case opcode::tlbi_nh_asid:
    case opcode::tlbi_nh_va:
    case opcode::tlbi_nh_vaa:
    case opcode::atc_inv:
    case opcode::cfgi_cd:
    case opcode::cfgi_cd_all:
      return true;
    default:
      return false;
  }
}

}  // namespace

vsmmu::vsmmu(const kernel_costs& kernel, const vmm_costs& costs, const vsmmu_rings& rings,
             base::vmid vmid, kit::machine& on, fault_ring& faults, arm_smmu_v3& host,
             kit::hop_log* log, std::function<void(kit::task&)> inject, stats::group* parent)
    : m_kernel(kernel),
      m_costs(costs),
      m_rings(rings),
      m_vmid(vmid),
      m_faults(faults),
      m_host(host),
      m_log(log),
      m_inject(std::move(inject)),
      m_stats(parent) {
  kit::task_options o;
  o.name = sc_core::sc_gen_unique_name("vsmmu_faults");
  o.who = kit::actor::vmm;
  on.spawn(o, [this](kit::task& t) { read_faults(t); });
}

// --- page requests to the guest -----------------------------------------------------------------

void vsmmu::read_faults(kit::task& t) {
  for (;;) {
    t.sleep(m_faults.signal());
    t.compute(m_kernel.syscall);
    bool interrupt = false;
    while (const auto r = m_faults.pop(t)) {
      if (m_log != nullptr && r->last)
        m_log->enter(key_of(*r), kit::hop::vmm_guest_queue, kit::now());
      interrupt |= give(t, *r);
      if (m_log != nullptr && r->last) m_log->enter(key_of(*r), kit::hop::vmm_inject, kit::now());
    }
    if (!interrupt) continue;
    m_stats.interrupts += 1;
    m_inject(t);
  }
}

// True where the guest must be interrupted: the queue was empty, or overflowed anew (IHI 0070 7.2).
bool vsmmu::give(kit::task& t, const arch::page_request& r) {
  const std::uint32_t mask = 2 * m_rings.priq_entries - 1;
  if (((m_priq_prod - m_priq_cons) & mask) == m_rings.priq_entries) {
    // As the hardware would: the guest learns of it, the last of a group is answered.
    m_stats.dropped += 1;
    const bool anew = ((m_priq_prod ^ m_priq_cons) & overflow) == 0;
    if (anew) m_priq_prod ^= overflow;
    if (r.last && !r.is_stop_marker()) {
      m_host.respond(t, {r.sid, r.has_ssid, r.ssid, r.prg_index, false, true, {}}, true);
    }
    return anew;
  }
  t.compute(m_costs.event);
  const arch::pri_words words = arch::encode(r);
  const std::uint64_t slot = m_priq_prod & (m_rings.priq_entries - 1);
  t.write(m_rings.priq + slot * 16, words.data(), sizeof words);
  const bool was_empty = ((m_priq_prod ^ m_priq_cons) & mask) == 0;
  m_priq_prod = ((m_priq_prod + 1) & mask) | (m_priq_prod & overflow);
  m_stats.requests += 1;
  return was_empty;
}

// --- registers ----------------------------------------------------------------------------------

std::uint32_t vsmmu::access(kit::task& vcpu, bool write, std::uint64_t offset,
                            std::uint32_t value) {
  m_stats.traps += 1;
  switch (offset) {
    case cmdq_prod:
      if (!write) return m_cmdq_prod;
      m_cmdq_prod = value & (2 * m_rings.cmdq_entries - 1);
      run_commands(vcpu);
      return 0;
    case cmdq_cons:
      return m_cmdq_cons;
    case priq_prod:
      return m_priq_prod;
    case priq_cons:
      if (!write) return m_priq_cons;
      m_priq_cons = value;
      return 0;
    default:
      return 0;
  }
}

// --- commands of the guest ----------------------------------------------------------------------

void vsmmu::run_commands(kit::task& t) {
  m_commands_lock.lock(t);
  const std::uint32_t mask = 2 * m_rings.cmdq_entries - 1;
  std::vector<command> run;
  while (m_cmdq_cons != m_cmdq_prod) {
    arch::command_words words{};
    const std::uint64_t slot = m_cmdq_cons & (m_rings.cmdq_entries - 1);
    t.read(m_rings.cmdq + slot * 16, words.data(), sizeof words);
    t.compute(m_costs.request);
    command c = arch::decode_command(words);
    m_stats.commands += 1;
    if (is_invalidation(c.op)) {
      if (c.op == opcode::tlbi_nsnh_all) c.op = opcode::tlbi_nh_all;
      c.vmid = m_vmid;
      run.push_back(c);
    } else {
      flush(t, run);
      if (c.op == opcode::sync) {
        complete(t, c);
      } else if (c.op == opcode::pri_resp) {
        answer(t, c);
      } else {
        m_stats.refused += 1;
      }
    }
    m_cmdq_cons = (m_cmdq_cons + 1) & mask;
  }
  flush(t, run);
  m_commands_lock.unlock();
}

void vsmmu::flush(kit::task& t, std::vector<command>& run) {
  if (run.empty()) return;
  m_stats.calls += 1;
  t.compute(m_kernel.syscall);
  t.compute(m_costs.vfio);
  m_host.issue_for_guest(t, run);
  run.clear();
}

void vsmmu::complete(kit::task& t, const command& sync) {
  if (sync.signal != arch::sync_signal::interrupt || sync.address == 0) return;
  t.write(sync.address + m_rings.pa_offset, &sync.msi_data, sizeof sync.msi_data);
}

void vsmmu::answer(kit::task& t, const command& c) {
  const fault_group g{c.sid, c.has_ssid, c.ssid, c.prg_index, false, true, {}};
  if (m_log != nullptr) m_log->enter(g.key(), kit::hop::vmm_command, kit::now());
  t.compute(m_kernel.syscall);
  m_host.respond(t, g, c.response == 2);
}

}  // namespace svasim::software
