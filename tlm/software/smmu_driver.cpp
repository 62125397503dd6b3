#include "tlm/software/smmu_driver.h"

#include <cstring>

#include "base/bits.h"
#include "tlm/kit/time.h"

namespace svasim::software {

using kit::extension_of;
using kit::now;
using kit::to_sc;

namespace {

// IHI 0070 6.1: register offsets.
constexpr std::uint64_t gerror = 0x60;
constexpr std::uint64_t gerrorn = 0x64;
constexpr std::uint64_t cmdq_prod = 0x98;
constexpr std::uint64_t cmdq_cons = 0x9c;
constexpr std::uint64_t eventq_prod = 0x100a8;
constexpr std::uint64_t eventq_cons = 0x100ac;

bool is_sync(const arch::command_words& words) {
  return (words[0] & 0xff) == static_cast<std::uint64_t>(arch::opcode::sync);
}

}  // namespace

void smmu_driver_params::describe(describe::visitor& v) {
  v.field("prepare_command", prepare_command, base::ns(0), base::us(100),
          "CPU time to build a command and reserve its place.", "A: assumed");
  v.field("mmio_write", mmio_write, base::ns(0), base::us(10),
          "A register write until the SMMU has it.", "A: share of the 190 ns of measurements 4.1");
  v.field("mmio_read", mmio_read, base::ns(0), base::us(10), "A register read, there and back.",
          "A: share of the 190 ns of measurements 4.1");
  v.field("interrupt", interrupt, base::ns(0), base::us(100),
          "From the SMMU raising the event interrupt until its handler runs.",
          "A: EVTQ write, MSI, hard IRQ 1.8 us and thread wake-up 3.0 us, measurements 11");
  v.field("handle_event", handle_event, base::ns(0), base::us(100),
          "CPU time to read and log one event record.", "A: assumed");
  v.choice("completion", completion,
           {{"poll", sync_completion::poll}, {"msi", sync_completion::msi}},
           "How the driver learns that a CMD_SYNC is complete.", "T: IHI 0070 4.7.3");
}

smmu_driver::smmu_driver(sc_core::sc_module_name name, const smmu_driver_params& params,
                         const smmu_rings& rings, stats::group* parent)
    : sc_module(name),
      to_memory("to_memory"),
      to_registers("to_registers"),
      m_params(params),
      m_rings(rings),
      m_stats(parent),
      m_work("work"),
      m_interrupt("interrupt"),
      m_error_interrupt("error_interrupt"),
      m_queue(capacity) {
  SC_HAS_PROCESS(smmu_driver);
  SC_THREAD(issue_commands);
  SC_THREAD(empty_event_queue);
  SC_THREAD(serve_errors);
}

bool smmu_driver::submit(const arch::command_words& command) {
  if (!m_queue.push(command)) return false;
  ++m_outstanding;
  m_work.notify(sc_core::SC_ZERO_TIME);
  return true;
}

// A list of commands is written, then published with one write of PROD, then its CMD_SYNC is
// awaited.
void smmu_driver::issue_commands() {
  std::uint32_t unsynced = 0;
  for (;;) {
    while (m_queue.empty()) sc_core::wait(m_work);
    const base::duration start = now();
    bool sync = false;
    while (!m_queue.empty() && !sync) {
      arch::command_words words = m_queue.pop();
      sync = is_sync(words);
      if (sync && m_params.completion == sync_completion::msi) {
        arch::command c = arch::decode_command(words);
        c.signal = arch::sync_signal::interrupt;
        c.msi_data = ++m_sync_number;
        c.address = m_rings.msi.value();
        words = arch::encode(c);
      }
      write_command(words);
      ++unsynced;
    }
    write_register(cmdq_prod, m_prod);
    m_stats.doorbells += 1;
    if (!sync) continue;
    wait_for_sync();
    m_stats.issue_time.add(now() - start);
    m_outstanding -= unsynced;
    unsynced = 0;
    if (on_synced) on_synced();
  }
}

void smmu_driver::write_command(const arch::command_words& words) {
  wait_for_room();
  sc_core::wait(to_sc(m_params.prepare_command));
  arch::command_words copy = words;
  const std::uint32_t index = m_prod & (m_rings.command_entries - 1);
  memory_access(tlm::TLM_WRITE_COMMAND, m_rings.command_base + index * 16ull, copy.data(), 16);
  m_prod = (m_prod + 1) & (2 * m_rings.command_entries - 1);
  m_stats.commands += 1;
}

void smmu_driver::wait_for_room() {
  const std::uint32_t mask = 2 * m_rings.command_entries - 1;
  if (((m_prod - m_known_cons) & mask) < m_rings.command_entries) return;
  m_stats.queue_full += 1;
  write_register(cmdq_prod, m_prod);
  while (((m_prod - m_known_cons) & mask) >= m_rings.command_entries) {
    m_known_cons = read_register(cmdq_cons) & mask;
    m_stats.polls += 1;
  }
}

void smmu_driver::wait_for_sync() {
  if (m_params.completion == sync_completion::msi) {
    std::uint32_t seen = 0;
    do {
      memory_access(tlm::TLM_READ_COMMAND, m_rings.msi, &seen, sizeof seen);
      m_stats.polls += 1;
    } while (seen != m_sync_number);
    m_known_cons = m_prod;
    return;
  }
  do {
    m_known_cons = read_register(cmdq_cons) & (2 * m_rings.command_entries - 1);
    m_stats.polls += 1;
  } while (m_known_cons != m_prod);
}

void smmu_driver::event_interrupt() {
  m_interrupt.notify(to_sc(m_params.interrupt));
}

void smmu_driver::empty_event_queue() {
  const std::uint32_t mask = 2 * m_rings.event_entries - 1;
  bool acknowledged = false;
  for (;;) {
    sc_core::wait(m_interrupt);
    std::uint32_t prod = read_register(eventq_prod);
    while ((prod & mask) != (m_event_cons & mask)) {
      arch::event_words words{};
      const std::uint32_t index = m_event_cons & (m_rings.event_entries - 1);
      memory_access(tlm::TLM_READ_COMMAND, m_rings.event_base + index * 32ull, words.data(), 32);
      sc_core::wait(to_sc(m_params.handle_event));
      m_stats.events += 1;
      m_event_cons = (m_event_cons + 1) & mask;
      if (((prod >> 31) != 0) != acknowledged) {
        acknowledged = !acknowledged;
        m_stats.overflows += 1;
      }
      write_register(eventq_cons, m_event_cons | (acknowledged ? 1u << 31 : 0u));
      prod = read_register(eventq_prod);
    }
  }
}

void smmu_driver::error_interrupt() {
  m_error_interrupt.notify(to_sc(m_params.interrupt));
}

void smmu_driver::serve_errors() {
  for (;;) {
    sc_core::wait(m_error_interrupt);
    const std::uint32_t errors = read_register(gerror);
    const std::uint32_t active = errors ^ read_register(gerrorn);
    if (active == 0) continue;
    if ((active & 1) != 0) skip_command();  // CMDQ_ERR
    m_stats.errors += static_cast<std::uint64_t>(__builtin_popcount(active));
    write_register(gerrorn, errors);
  }
}

// Only what is illegal would fail again.
void smmu_driver::skip_command() {
  const std::uint32_t cons = read_register(cmdq_cons);
  const auto reason = static_cast<arch::command_error>(base::bits(cons, 30, 24));
  if (reason != arch::command_error::ill) return;
  arch::command nothing;
  nothing.op = arch::opcode::sync;
  arch::command_words words = arch::encode(nothing);
  const std::uint32_t index = cons & (m_rings.command_entries - 1);
  memory_access(tlm::TLM_WRITE_COMMAND, m_rings.command_base + index * 16ull, words.data(), 16);
  m_stats.replaced += 1;
}

std::uint32_t smmu_driver::read_register(std::uint64_t offset) {
  tlm::tlm_generic_payload& p = m_pool.take(tlm::TLM_READ_COMMAND, offset, 4);
  sc_core::wait(to_sc(m_params.mmio_read));
  sc_core::sc_time t;
  to_registers->b_transport(p, t);
  std::uint32_t value = 0;
  std::memcpy(&value, p.get_data_ptr(), sizeof value);
  p.release();
  return value;
}

void smmu_driver::write_register(std::uint64_t offset, std::uint32_t value) {
  tlm::tlm_generic_payload& p = m_pool.take(tlm::TLM_WRITE_COMMAND, offset, 4);
  std::memcpy(p.get_data_ptr(), &value, sizeof value);
  sc_core::wait(to_sc(m_params.mmio_write));
  sc_core::sc_time t;
  to_registers->b_transport(p, t);
  p.release();
}

void smmu_driver::memory_access(tlm::tlm_command command, base::pa at, void* data,
                                std::uint32_t n) {
  tlm::tlm_generic_payload& p = m_pool.take(command, at.value(), n);
  extension_of(p).kind = kit::traffic::cpu;
  extension_of(p).log = nullptr;
  if (p.is_write()) std::memcpy(p.get_data_ptr(), data, n);
  sc_core::sc_time t;
  to_memory->b_transport(p, t);
  sc_core::wait(t);
  if (p.is_read()) std::memcpy(data, p.get_data_ptr(), n);
  p.release();
}

}  // namespace svasim::software
