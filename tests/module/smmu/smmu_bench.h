// A whole SMMU over one memory: real tables, real queues. The device and the software are the test.
#pragma once

#include <catch2/catch.hpp>
#include <cstring>
#include <functional>
#include <vector>

#include "arch/table_builder.h"
#include "tests/support/scripted_initiator.h"
#include "tests/support/scripted_target.h"
#include "tests/support/time_matchers.h"
#include "tlm/kit/protocol_checker.h"
#include "tlm/smmu/command_queue.h"
#include "tlm/smmu/connect.h"
#include "tlm/smmu/event_queue.h"
#include "tlm/smmu/register_page.h"
#include "tlm/smmu/smmu_params.h"
#include "tlm/smmu/tbu.h"
#include "tlm/smmu/tcu.h"
#include "tlm/smmu/walker.h"

namespace svasim::test {

inline arch::table_builder_params linear_tables() {
  arch::table_builder_params p;
  p.two_level_stream_table = false;
  p.stream_id_bits = 8;
  return p;
}
/// A queue of 4 commands and 4 events, 64 ns to memory for everybody.
inline smmu::smmu_params small_smmu() {
  smmu::smmu_params p;
  p.command_queue.log2_entries = 2;
  p.event_queue.log2_entries = 2;
  p.event_queue.pending = 2;
  return p;
}

struct smmu_bench {
  using request = scripted_initiator::request;

  /// `more` makes further modules, before time starts.
  explicit smmu_bench(const smmu::smmu_params& p = small_smmu(),
                      const std::function<void(smmu_bench&)>& more = {})
      : params(p),
        tables(bytes, linear_tables()),
        regs(view()),
        walker("walker", p.tcu, period(p.tbu.clock), regs, &root),
        tcu("tcu", p.tcu, p.tbu, 1, regs, walker, &root),
        tbu("tbu", p.tbu, &root),
        engine(p.command_queue.invalidate, p.tbu.dti_latency, regs, tcu, {&tbu}),
        commands("commands", p.command_queue, regs, command_base, engine, errors, &root),
        events("events", p.event_queue, regs, event_base, errors, &root),
        registers("registers", commands, events, errors) {
    port.socket.bind(port_checker.upstream);
    port_checker.downstream.bind(tbu.from_root_complex);
    tbu.to_tcu.bind(tcu_checker.upstream);
    tcu_checker.downstream.bind(tcu.from_tbu[0]);
    tbu.to_interconnect.bind(memory.socket);
    walker.to_memory.bind(walk_checker.upstream);
    walk_checker.downstream.bind(walk_memory.socket);
    commands.to_memory.bind(command_memory.socket);
    events.to_memory.bind(event_memory.socket);
    cpu.socket.bind(registers.from_cpu);
    for (auto* m : {&memory, &walk_memory, &command_memory, &event_memory}) {
      m->bytes = &bytes;
      m->latency = latency;
    }
    smmu::connect(tcu, events, engine);
    engine.on_invalidation = [this](const arch::command& c) { invalidated.push_back(c.op); };
    if (more) more(*this);
    run_until(start);
  }
  arch::register_view view() const {
    arch::registers words;
    words.cr0 = 0xd;  // SMMUEN, EVENTQEN, CMDQEN
    tables.configure(words);
    return arch::register_view(words);
  }

  request& access(std::uint64_t address, std::uint32_t sid = 1, bool write = false) {
    request& r = port.make(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, address, 64);
    r.ext().sid = base::stream_id(sid);
    r.ext().timing_only = true;
    port.send(r);
    return r;
  }
  /// Output of an access that is let run to its end; 0 where it faults.
  std::uint64_t output_of(std::uint64_t address, std::uint32_t sid = 1) {
    request& r = access(address, sid);
    run_dry();
    return r.p->is_response_ok() ? r.p->get_address() : 0;
  }
  /// Write a command at PROD and move PROD on; software's copy, the SMMU is not told.
  void put(const arch::command& c) {
    const arch::command_words words = arch::encode(c);
    bytes.write(command_base + (prod & (commands.entries() - 1)) * 16ull, words.data(), 16);
    prod = (prod + 1) & (2 * commands.entries() - 1);
  }
  void put(arch::opcode op) {
    arch::command c;
    c.op = op;
    put(c);
  }
  void publish() { commands.write_prod(prod); }
  /// One 32-bit register access; the response status.
  tlm::tlm_response_status write_register(std::uint64_t offset, std::uint32_t value,
                                          std::uint32_t length = 4) {
    request& r = cpu.make(tlm::TLM_WRITE_COMMAND, offset, length);
    std::memcpy(r.p->get_data_ptr(), &value, sizeof value);
    cpu.blocking(r);
    return r.p->get_response_status();
  }
  tlm::tlm_response_status read_register(std::uint64_t offset, std::uint32_t& value,
                                         std::uint32_t length = 4) {
    request& r = cpu.make(tlm::TLM_READ_COMMAND, offset, length);
    cpu.blocking(r);
    std::memcpy(&value, r.p->get_data_ptr(), sizeof value);
    return r.p->get_response_status();
  }

  static constexpr base::pa command_base{0x10000000};
  static constexpr base::pa event_base{0x11000000};
  static constexpr base::duration latency = base::ns(64);
  static constexpr base::duration start = base::us(1);

  smmu::smmu_params params;
  base::sparse_memory bytes;
  arch::table_builder tables;
  arch::register_view regs;
  stats::group root{"test"};
  scripted_initiator port{"port"}, cpu{"cpu"};
  kit::protocol_checker port_checker{"port_checker"}, tcu_checker{"tcu_checker"};
  kit::protocol_checker walk_checker{"walk_checker"};
  smmu::walker walker;
  smmu::tcu tcu;
  smmu::tbu tbu;
  smmu::gerror errors;
  smmu::command_engine engine;
  smmu::command_queue commands;
  smmu::event_queue events;
  smmu::register_page registers;
  scripted_target memory{"memory"}, walk_memory{"walk_memory"};
  scripted_target command_memory{"command_memory"}, event_memory{"event_memory"};
  std::vector<arch::opcode> invalidated;
  std::uint32_t prod = 0;
};

}  // namespace svasim::test
