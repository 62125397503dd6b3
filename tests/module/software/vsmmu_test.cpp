#include "tlm/software/vsmmu.h"

#include "software_bench.h"

using namespace svasim;
using arch::command;
using arch::opcode;
using test::page_request;
using test::run_dry;
using ops = std::vector<opcode>;

namespace {

constexpr std::uint64_t cmdq_prod = 0x98, cmdq_cons = 0x9c;
constexpr std::uint64_t priq_prod = 0x100c8, priq_cons = 0x100cc;
constexpr std::uint32_t overflow = 1u << 31;
constexpr std::uint64_t guest_priq = 0x400000, guest_cmdq = 0x500000, guest_offset = 0x600000;

struct bench : test::software_bench {
  explicit bench(std::uint32_t page_requests = 8)
      : host({}, where(16), true, nullptr, kit::hop::hk_response, &root),
        faults("fault_queue", 0x200000, 8, test::no_kernel_costs(), test::no_vmm_costs(), &root),
        guest(
            test::no_kernel_costs(), test::no_vmm_costs(),
            {guest_priq, page_requests, guest_cmdq, 8, guest_offset}, base::vmid(9), cluster,
            faults, host, nullptr, [this](kit::task&) { ++injected; }, &root) {}
  // The guest's vCPU writes commands and PROD.
  void give(const std::vector<command>& commands) {
    spawn("vcpu", 0u, [this, commands](kit::task& t) {
      for (const command& c : commands) {
        const arch::command_words words = arch::encode(c);
        t.write(guest_cmdq + (next & 7) * 16, words.data(), 16);
        next = (next + 1) & 15;
      }
      guest.access(t, true, cmdq_prod, next);
      cons_seen = guest.access(t, false, cmdq_cons, 0);
    });
    run_dry();
  }
  void fault(const std::vector<arch::page_request>& requests) {
    spawn("kernel" + std::to_string(++spawned), 1u, [this, requests](kit::task& t) {
      for (const auto& r : requests) REQUIRE(faults.push(t, r));
    });
    run_dry();
  }
  arch::page_request entry(std::uint64_t index) {
    arch::pri_words words{};
    bytes.read(base::pa(guest_priq + index * 16), words.data(), 16);
    return arch::decode_page_request(words);
  }
  const software::vsmmu_stats& stats() const { return guest.statistics(); }

  software::arm_smmu_v3 host;
  software::fault_ring faults;
  int injected = 0, spawned = 0;
  std::uint32_t next = 0, cons_seen = 0;
  software::vsmmu guest;
};

command of(opcode op) {
  command c;
  c.op = op;
  c.vmid = base::vmid(0x77);  // what the guest thinks
  c.asid = base::asid(4);
  c.address = 0x5000;
  return c;
}

}  // namespace

TEST_CASE(
    "invalidations of the guest go to the host in one call, with the VM's VMID and one sync") {
  bench b;
  command atc;
  atc.op = opcode::atc_inv;
  atc.sid = base::stream_id(8);
  atc.has_ssid = true;
  atc.ssid = base::substream_id(5);
  atc.address = 0x5000;
  b.give({of(opcode::tlbi_nh_va), atc, of(opcode::tlbi_nh_asid), of(opcode::sync)});
  CHECK(b.opcodes() ==
        ops{opcode::tlbi_nh_va, opcode::atc_inv, opcode::tlbi_nh_asid, opcode::sync});
  REQUIRE(b.consumed.size() == 4);
  CHECK(b.consumed[0].vmid.value() == 9);
  CHECK(b.consumed[0].asid.value() == 4);
  CHECK(b.consumed[0].address == 0x5000);
  CHECK(b.consumed[1].sid.value() == 8);
  CHECK(b.consumed[1].ssid.value() == 5);
  CHECK(b.consumed[2].vmid.value() == 9);
  CHECK(b.cons_seen == 4);
  CHECK(b.stats().calls.value() == 1);
  CHECK(b.stats().commands.value() == 4);
  CHECK(b.stats().traps.value() == 2);
}

TEST_CASE("an invalidation of everything is narrowed to the VM") {
  bench b;
  b.give({of(opcode::tlbi_nsnh_all)});
  REQUIRE(b.consumed.size() == 2);
  CHECK(b.consumed[0].op == opcode::tlbi_nh_all);
  CHECK(b.consumed[0].vmid.value() == 9);
  CHECK(b.consumed[1].op == opcode::sync);
}

TEST_CASE("a sync between invalidations splits them into two calls") {
  bench b;
  b.give({of(opcode::tlbi_nh_va), of(opcode::sync), of(opcode::tlbi_nh_va), of(opcode::sync)});
  CHECK(b.opcodes() == ops{opcode::tlbi_nh_va, opcode::sync, opcode::tlbi_nh_va, opcode::sync});
  CHECK(b.stats().calls.value() == 2);
}

TEST_CASE("what a guest may not command is counted and goes nowhere, what is around it is done") {
  bench b;
  b.give({of(opcode::tlbi_el2_all), of(opcode::tlbi_s12_vmall), of(opcode::cfgi_ste_range),
          of(opcode::resume), of(opcode::tlbi_nh_va)});
  CHECK(b.opcodes() == ops{opcode::tlbi_nh_va, opcode::sync});
  CHECK(b.stats().refused.value() == 4);
  CHECK(b.cons_seen == 5);
}

TEST_CASE("an answer of the guest is an answer of the host: success, else invalid request") {
  bench b;
  std::vector<command> answers;
  for (unsigned response = 3; response-- > 0;) {
    command c;
    c.op = opcode::pri_resp;
    c.sid = base::stream_id(8);
    c.has_ssid = true;
    c.ssid = base::substream_id(5);
    c.prg_index = 0x1ab;
    c.response = static_cast<std::uint8_t>(response);
    answers.push_back(c);
  }
  b.give(answers);
  CHECK(b.opcodes() == ops{opcode::pri_resp, opcode::pri_resp, opcode::pri_resp});
  REQUIRE(b.consumed.size() == 3);
  CHECK(b.consumed[0] == answers[0]);
  CHECK(b.consumed[1].response == 1);
  CHECK(b.consumed[2].response == 1);  // a failure would switch PRI off for all
}

TEST_CASE(
    "a sync by message writes its word into the guest's memory when what is before it is done") {
  bench b;
  command sync = of(opcode::sync);
  sync.vmid = base::vmid();
  sync.asid = base::asid();
  sync.signal = arch::sync_signal::interrupt;
  sync.address = 0x1000;
  sync.msi_data = 0xabcd;
  std::size_t before = 0;
  b.memory.on_request = [&](auto& p) {
    if (p.is_write() && p.get_address() == 0x1000 + guest_offset) before = b.consumed.size();
  };
  b.give({of(opcode::tlbi_nh_va), sync});
  std::uint32_t word = 0;
  b.bytes.read(base::pa(0x1000 + guest_offset), &word, 4);
  CHECK(word == 0xabcd);
  CHECK(b.opcodes() == ops{opcode::tlbi_nh_va, opcode::sync});  // of the host, without a message
  CHECK(b.consumed[1].signal == arch::sync_signal::none);
}

TEST_CASE(
    "page requests go into the guest's PRIQ in order, with one interrupt for those read together") {
  bench b;
  const std::vector<arch::page_request> all{page_request(5, 1, 0x1000, false),
                                            page_request(5, 1, 0x2000), page_request(6, 2, 0x3000)};
  b.fault(all);
  for (std::uint64_t i = 0; i < 3; ++i) CHECK(b.entry(i) == all[i]);
  CHECK(b.stats().requests.value() == 3);
  CHECK(b.injected >= 1);
  CHECK(b.injected <= 3);
  b.spawn("vcpu", 0u, [&](kit::task& t) {
    CHECK(b.guest.access(t, false, priq_prod, 0) == 3);
    CHECK(b.guest.access(t, false, priq_cons, 0) == 0);
    b.guest.access(t, true, priq_cons, 3);
    CHECK(b.guest.access(t, false, priq_cons, 0) == 3);
  });
  run_dry();
}

TEST_CASE(
    "a full PRIQ of the guest: overflow is flagged, groups that are lost are answered success") {
  bench b(1);
  b.fault(
      {page_request(5, 1, 0x1000), page_request(5, 2, 0x2000, false), page_request(5, 2, 0x3000)});
  CHECK(b.stats().requests.value() == 1);
  CHECK(b.stats().dropped.value() == 2);
  REQUIRE(b.consumed.size() == 1);  // once for the group, at its Last
  CHECK(b.consumed[0].op == opcode::pri_resp);
  CHECK(b.consumed[0].prg_index == 2);
  CHECK(b.consumed[0].response == 2);
  b.spawn("vcpu", 0u, [&](kit::task& t) {
    CHECK(b.guest.access(t, false, priq_prod, 0) == (1 | overflow));
    b.guest.access(t, true, priq_cons, 1 | overflow);  // read and acknowledged
  });
  run_dry();
  b.fault({page_request(5, 3, 0x4000), page_request(5, 4, 0x5000)});
  CHECK(b.entry(0).prg_index == 3);
  b.spawn("vcpu2", 0u, [&](kit::task& t) {
    CHECK(b.guest.access(t, false, priq_prod, 0) == 0);  // index round, flag toggled back
  });
  run_dry();
  CHECK(b.stats().dropped.value() == 3);
}
