#include "tlm/smmu/command_ring.h"

#include <algorithm>

#include "tlm/kit/time.h"

namespace svasim::smmu {

using arch::command_error;
using kit::now;
using kit::to_sc;

command_ring::command_ring(sc_core::sc_module_name name, const command_queue_params& params,
                           base::pa base, command_engine& engine, gerror& errors,
                           stats::group* parent, const char* stats_name)
    : sc_module(name),
      to_memory("to_memory"),
      m_params(params),
      m_log2_entries(params.log2_entries),
      m_base(base),
      m_engine(engine),
      m_errors(errors),
      m_stats(parent, stats_name),
      m_work("work") {
  engine.join(m_source);
  SC_HAS_PROCESS(command_ring);
  SC_THREAD(run);
}

void command_ring::write_prod(std::uint32_t value) {
  m_prod = value & wrap_mask();
  wake();
}

void command_ring::place(base::pa base, unsigned log2_entries) {
  m_base = base;
  m_log2_entries = log2_entries;
}

void command_ring::set_indices(std::uint32_t prod, std::uint32_t cons) {
  m_prod = prod & wrap_mask();
  m_cons = cons & wrap_mask();
}

void command_ring::run() {
  for (;;) {
    while (empty() || !runs()) sc_core::wait(m_work);
    m_busy = true;
    work_off_batch();
    m_busy = false;
    if (on_quiet && !runs()) on_quiet();
  }
}

void command_ring::work_off_batch() {
  const std::uint32_t fetched = fetch();
  if (fetched == 0) {
    m_stats.errors += 1;
    return stopped(command_error::abt);
  }
  for (std::uint32_t i = 0; i < fetched && runs(); ++i) {
    sc_core::wait(to_sc(m_params.decode));
    if (!execute(m_batch[i])) return;
    m_cons = (m_cons + 1) & wrap_mask();
    m_stats.consumed += 1;
  }
}

// Reads what is published, at most a batch, not past the end of the ring. 0: the read was aborted.
std::uint32_t command_ring::fetch() {
  const std::uint32_t index = m_cons & (entries() - 1);
  const std::uint32_t published = (m_prod - m_cons) & wrap_mask();
  const std::uint32_t n = std::min({published, m_params.fetch_batch, entries() - index});
  return m_memory.read(to_memory, m_base + index * 16ull, m_batch.data(), n * 16) ? n : 0;
}

// False when the command stops the queue; CONS then still points at it.
bool command_ring::execute(const arch::command_words& words) {
  const base::duration start = now();
  arch::command c = arch::decode_command(words);
  command_error error = admit(c);
  if (error == command_error::none) error = m_engine.execute(m_source, c);
  if (error != command_error::none) {
    m_stats.errors += 1;
    stopped(error);
    return false;
  }
  count(c.op);
  if (c.op == arch::opcode::sync) {
    signal(c);
    m_stats.sync_time.add(now() - start);
  }
  return true;
}

void command_ring::count(arch::opcode op) {
  using arch::opcode;
  const bool tlbi = op >= opcode::tlbi_nh_all && op <= opcode::tlbi_nsnh_all;
  const bool cfgi = op >= opcode::cfgi_ste && op <= opcode::cfgi_cd_all;
  (op == opcode::sync ? m_stats.sync
   : tlbi             ? m_stats.tlbi
   : cfgi             ? m_stats.cfgi
                      : m_stats.other) += 1;
}

void command_ring::signal(const arch::command& sync) {
  if (sync.signal == arch::sync_signal::event && on_sync_event) on_sync_event();
  if (sync.signal != arch::sync_signal::interrupt) return;
  if (sync.address == 0) {
    if (on_sync_interrupt) on_sync_interrupt();
    return;
  }
  if (!m_memory.write(to_memory, base::pa(sync.address), &sync.msi_data, sizeof sync.msi_data)) {
    m_errors.raise(global_error::msi_cmdq_abort);
  }
}

}  // namespace svasim::smmu
