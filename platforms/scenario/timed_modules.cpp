#include "platforms/scenario/timed_modules.h"

#include <cstring>

#include "base/bits.h"
#include "tlm/smmu/register_page.h"

namespace svasim::scenario {

using kit::extension_of;
using kit::from_sc;
using kit::now;
using kit::to_sc;

// --- memory -------------------------------------------------------------------------------------

memory_port::memory_port(sc_core::sc_module_name name, scenario& s)
    : sc_module(name), socket("socket"), m_scenario(s) {
  socket.register_nb_transport_fw(this, &memory_port::request);
  socket.register_b_transport(this, &memory_port::access);
}

tlm::tlm_sync_enum memory_port::request(payload& p, tlm::tlm_phase&, sc_core::sc_time& t) {
  access(p, t);
  return tlm::TLM_COMPLETED;
}

void memory_port::access(payload& p, sc_core::sc_time& t) {
  const base::pa at(p.get_address());
  const std::uint32_t n = p.get_data_length();
  if (on_access) on_access(at);
  const bool there = m_scenario.in_ram(at.value(), n);
  if (there && !extension_of(p).timing_only) {
    if (p.is_write()) {
      m_scenario.memory.write(at, p.get_data_ptr(), n);
    } else {
      m_scenario.memory.read(at, p.get_data_ptr(), n);
    }
  }
  p.set_response_status(there ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
  t += to_sc(latency);
}

// --- device -------------------------------------------------------------------------------------

single_device::single_device(sc_core::sc_module_name name) : sc_module(name), socket("socket") {
  socket.register_nb_transport_bw(this, &single_device::response);
}

void single_device::send(const arch::access_request& a) {
  constexpr std::uint32_t bytes = 4;
  m_done = false;
  m_request =
      &m_pool.take(a.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, a.address, bytes);
  kit::dma_extension& ext = extension_of(*m_request);
  ext.kind = kit::traffic::dma;
  ext.timing_only = true;
  ext.sid = a.sid;
  ext.has_ssid = a.has_ssid;
  ext.ssid = a.ssid;
  ext.address = base::iova(a.address);
  ext.log->start(kit::stage::device_issue, now());
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time t;
  m_done = socket->nb_transport_fw(*m_request, phase, t) == tlm::TLM_COMPLETED;
}

tlm::tlm_sync_enum single_device::response(payload&, tlm::tlm_phase& phase, sc_core::sc_time&) {
  if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
  m_done = true;
  return tlm::TLM_COMPLETED;
}

void single_device::release() {
  m_request->release();
  m_request = nullptr;
}

// --- software -----------------------------------------------------------------------------------

queue_software::queue_software(sc_core::sc_module_name name, const queue_base& commands,
                               const queue_base& events)
    : sc_module(name),
      to_memory("to_memory"),
      to_registers("to_registers"),
      m_commands(commands),
      m_events(events) {}

void queue_software::transport(tlm_utils::simple_initiator_socket<queue_software>& to,
                               tlm::tlm_command command, std::uint64_t address, void* data,
                               std::uint32_t n) {
  tlm::tlm_generic_payload& p = m_pool.take(command, address, n);
  extension_of(p).kind = kit::traffic::cpu;
  extension_of(p).timing_only = false;
  if (p.is_write()) std::memcpy(p.get_data_ptr(), data, n);
  sc_core::sc_time t;
  to->b_transport(p, t);
  if (p.is_read()) std::memcpy(data, p.get_data_ptr(), n);
  p.release();
}

std::uint32_t queue_software::read_register(std::uint64_t offset) {
  std::uint32_t value = 0;
  transport(to_registers, tlm::TLM_READ_COMMAND, offset, &value, sizeof value);
  return value;
}

void queue_software::write_register(std::uint64_t offset, std::uint32_t value) {
  transport(to_registers, tlm::TLM_WRITE_COMMAND, offset, &value, sizeof value);
}

void queue_software::write_entry(const arch::command_words& command, std::uint32_t index) {
  arch::command_words words = command;
  const std::uint64_t slot = index & base::low_mask(m_commands.log2_entries);
  transport(to_memory, tlm::TLM_WRITE_COMMAND, (m_commands.address + 16 * slot).value(),
            words.data(), 16);
}

namespace {
constexpr auto cmdq_prod = static_cast<std::uint64_t>(smmu::reg::cmdq_prod);
constexpr auto cmdq_cons = static_cast<std::uint64_t>(smmu::reg::cmdq_cons);
constexpr auto gerror = static_cast<std::uint64_t>(smmu::reg::gerror);
constexpr auto gerrorn = static_cast<std::uint64_t>(smmu::reg::gerrorn);
constexpr auto eventq_prod = static_cast<std::uint64_t>(smmu::reg::eventq_prod);
constexpr auto eventq_cons = static_cast<std::uint64_t>(smmu::reg::eventq_cons);
}  // namespace

void queue_software::issue(const arch::command_words& command) {
  write_entry(command, m_prod);
  m_prod = static_cast<std::uint32_t>((m_prod + 1) & base::low_mask(m_commands.log2_entries + 1));
  write_register(cmdq_prod, m_prod);
}

command_answer queue_software::finish() {
  const std::uint32_t cons = read_register(cmdq_cons);
  const auto index = static_cast<std::uint32_t>(base::bits(cons, 19, 0) &
                                                base::low_mask(m_commands.log2_entries + 1));
  command_answer a;
  a.consumed = index == m_prod;
  a.cmdq_err = static_cast<unsigned>(base::bits(cons, 30, 24));
  const std::uint32_t errors = read_register(gerror);
  a.gerror_cmdq_err = ((errors ^ read_register(gerrorn)) & 1) != 0;
  if (a.gerror_cmdq_err) {
    arch::command nothing;
    nothing.op = arch::opcode::sync;
    write_entry(arch::encode(nothing), index);
    write_register(gerrorn, errors);
  } else if (!a.consumed) {  // CMDQEN = 0: the queue is software's to set up anew
    m_prod = index;
    write_register(cmdq_prod, m_prod);
  }
  return a;
}

std::optional<arch::event> queue_software::take_event() {
  const std::uint64_t wrap_mask = base::low_mask(m_events.log2_entries + 1);
  const std::uint64_t prod = read_register(eventq_prod) & wrap_mask;
  if (prod == m_event_cons) return std::nullopt;
  arch::event_words words{};
  const std::uint64_t slot = m_event_cons & base::low_mask(m_events.log2_entries);
  transport(to_memory, tlm::TLM_READ_COMMAND, (m_events.address + 32 * slot).value(), words.data(),
            32);
  m_event_cons = static_cast<std::uint32_t>((m_event_cons + 1) & wrap_mask);
  write_register(eventq_cons, m_event_cons);
  return arch::decode_event(words);
}

}  // namespace svasim::scenario
