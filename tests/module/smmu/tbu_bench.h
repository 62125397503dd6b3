// A TBU alone: root complex, TCU and interconnect are played by the test.
#pragma once

#include <catch2/catch.hpp>

#include "tests/support/scripted_initiator.h"
#include "tests/support/scripted_target.h"
#include "tests/support/time_matchers.h"
#include "tlm/kit/protocol_checker.h"
#include "tlm/smmu/tbu.h"

namespace svasim::test {

/// uTLB 1 ns, main TLB 3 ns, 20 ns to the TCU and back each.
inline smmu::tbu_params small_tbu() {
  smmu::tbu_params p;
  p.utlb = {4, 4, uarch::replacement::lru, base::ns(1), "test"};
  p.main_tlb = {16, 4, uarch::replacement::lru, base::ns(3), "test"};
  p.slots = 4;
  p.egress = 4;
  p.dti_latency = base::ns(20);
  return p;
}
constexpr base::duration utlb_time = base::ns(1);
constexpr base::duration main_time = base::ns(1 + 3);
constexpr base::duration dti_time = base::ns(20);
constexpr base::duration memory_time = base::ns(50);

/// The leaf of 2^shift bytes around `address`, which lies at 0x8000'0000 above it.
inline arch::translation_result leaf(std::uint64_t address, unsigned shift = 12,
                                     bool writable = true, std::uint16_t asid = 1) {
  arch::translation_result r;
  r.outcome = arch::outcome::ok;
  r.output = base::pa(address + 0x80000000);
  arch::translation& t = r.entry;
  t.kind = arch::translation_kind::s1;
  t.size_shift = static_cast<std::uint8_t>(shift);
  t.asid = base::asid(asid);
  t.input = address >> shift << shift;
  t.ipa = t.input + 0x80000000;
  t.output = base::pa(t.ipa);
  t.s1.size_shift = t.size_shift;
  t.s1.level = 3;
  if (!writable) t.s1.allowed = t.s1.allowed.without_writes();
  return r;
}
inline arch::translation_result fault() {
  arch::translation_result r;
  r.outcome = arch::outcome::fault;
  r.event.type = arch::event_type::f_translation;
  return r;
}

struct tbu_bench {
  using request = scripted_initiator::request;
  using payload = tlm::tlm_generic_payload;

  explicit tbu_bench(const smmu::tbu_params& p = small_tbu()) : tbu("tbu", p, &root) {
    port.socket.bind(port_checker.upstream);
    port_checker.downstream.bind(tbu.from_root_complex);
    tbu.to_tcu.bind(tcu_checker.upstream);
    tcu_checker.downstream.bind(tcu.socket);
    tbu.to_interconnect.bind(memory_checker.upstream);
    memory_checker.downstream.bind(memory.socket);
    tcu.how = scripted_target::manner::on_demand;
    memory.latency = memory_time;
    run_until(base::us(1));
  }
  request& access(std::uint64_t address, bool write = false, std::uint32_t sid = 1,
                  std::int64_t ssid = -1) {
    request& r = port.make(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, address, 64);
    r.ext().sid = base::stream_id(sid);
    r.ext().has_ssid = ssid >= 0;
    r.ext().ssid = base::substream_id(ssid >= 0 ? static_cast<std::uint32_t>(ssid) : 0);
    port.send(r);
    return r;
  }
  request& read(std::uint64_t address, std::uint32_t sid = 1) {
    return access(address, false, sid);
  }
  request& write(std::uint64_t address, std::uint32_t sid = 1) {
    return access(address, true, sid);
  }
  /// The TCU answers its n-th request now.
  void translate(std::size_t n, const arch::translation_result& result) {
    payload& p = *tcu.arrivals.at(n).p;
    *kit::extension_of(p).translation = result;
    tcu.answer(p);
  }
  /// Until everything on its way has arrived.
  void settle() { run_until(kit::now() + base::us(1)); }
  /// Access, and the TCU's answer to it if it is asked.
  request& load(std::uint64_t address, const arch::translation_result& result,
                std::uint32_t sid = 1) {
    const std::size_t before = tcu.arrivals.size();
    request& r = read(address, sid);
    settle();
    if (tcu.arrivals.size() > before) translate(before, result);
    settle();
    return r;
  }
  request& load(std::uint64_t address) { return load(address, leaf(address)); }
  /// Lookup time of a read that hits, seen at the interconnect; kit::never if the TCU was asked.
  base::duration lookup_of(std::uint64_t address, std::uint32_t sid = 1) {
    const std::size_t before = memory.arrivals.size();
    const base::duration start = kit::now();
    read(address, sid);
    return memory.arrivals.size() == before ? kit::never : memory.arrivals.back().at - start;
  }
  void check_drained() const {
    port_checker.check_drained();
    tcu_checker.check_drained();
    memory_checker.check_drained();
  }
  const smmu::tbu_stats& stats() const { return tbu.statistics(); }

  stats::group root{"test"};
  scripted_initiator port{"port"};
  kit::protocol_checker port_checker{"port_checker"};
  smmu::tbu tbu;
  kit::protocol_checker tcu_checker{"tcu_checker"};
  scripted_target tcu{"tcu"};
  kit::protocol_checker memory_checker{"memory_checker"};
  scripted_target memory{"memory"};
};

inline arch::invalidation command(arch::opcode op, std::uint64_t address = 0,
                                  std::uint16_t asid = 1, std::uint32_t sid = 1) {
  arch::command c;
  c.op = op;
  c.address = address;
  c.asid = base::asid(asid);
  c.sid = base::stream_id(sid);
  return arch::invalidation(c, arch::idr());
}

}  // namespace svasim::test
