#include "tlm/smmu/guest_command_queue.h"

#include "queues_bench.h"

using namespace svasim;
using arch::command_error;
using arch::opcode;
using test::run_dry;
using test::smmu_bench;

namespace {

struct bench : test::queues_bench<smmu::guest_command_queue> {
  bench()
      : queues_bench([](smmu_bench& b, unsigned n) {
          const char* names[] = {"guest0", "guest1"};
          auto q = std::make_unique<smmu::guest_command_queue>(
              names[n], b.params.command_queue, ring(n), b.engine, b.errors, &b.root, names[n]);
          q->assign(base::vmid(static_cast<std::uint16_t>(10 + n)));
          q->enable(true);
          return q;
        }) {
    smmu.engine.on_invalidation = [this](const arch::command& c) { done.push_back(c); };
  }
  void run(unsigned n) {
    queue[n]->write_prod(written[n] % 8);
    run_dry();
  }
  std::vector<arch::command> done;
};

arch::command tlbi(opcode op, std::uint16_t vmid) {
  arch::command c;
  c.op = op;
  c.vmid = base::vmid(vmid);
  c.asid = base::asid(3);
  return c;
}

}  // namespace

TEST_CASE("a guest's TLBI gets the VMID of the guest, whatever it says") {
  bench b;
  b.put(0, tlbi(opcode::tlbi_nh_asid, 99));
  b.put(0, tlbi(opcode::tlbi_nh_va, 11));
  b.put(0, opcode::sync);
  b.run(0);
  REQUIRE(b.done.size() == 2);
  CHECK(b.done[0].vmid == base::vmid(10));
  CHECK(b.done[0].asid == base::asid(3));
  CHECK(b.done[1].vmid == base::vmid(10));
  CHECK(b.queue[0]->empty());
}

TEST_CASE("only TLBI_NH_ASID, TLBI_NH_VA, ATC_INV and SYNC are legal for a guest") {
  bench b;
  b.smmu.regs.caps.pri = b.smmu.regs.caps.hyp = true;
  b.smmu.regs.caps.stall_model = 0;
  b.queue[0]->map_stream(base::stream_id(0), base::stream_id(5));
  b.side.on_message = [&](const arch::ats_message& m) { b.side.complete(m); };
  for (unsigned op = 0; op < 256; ++op) {
    const auto code = static_cast<opcode>(op);
    b.put(0, code);
    b.run(0);
    const bool legal = code == opcode::tlbi_nh_asid || code == opcode::tlbi_nh_va ||
                       code == opcode::atc_inv || code == opcode::sync;
    REQUIRE((b.queue[0]->error() == command_error::none) == legal);
    if (legal) continue;
    REQUIRE(b.queue[0]->error() == command_error::ill);
    --b.written[0];
    b.put(0, opcode::sync);  // in its place
    b.queue[0]->acknowledge_error();
    b.run(0);
    REQUIRE(b.queue[0]->empty());
  }
  CHECK(b.done.size() == 2);
}

TEST_CASE("an illegal command stops the queue of that guest only, and no GERROR is raised") {
  bench b;
  std::vector<command_error> told;
  b.queue[0]->on_error = [&](command_error e) { told.push_back(e); };
  b.put(0, opcode::cfgi_ste);
  b.put(0, tlbi(opcode::tlbi_nh_asid, 0));
  b.run(0);
  CHECK(told == std::vector<command_error>{command_error::ill});
  CHECK(b.smmu.errors.value() == 0);
  CHECK(b.done.empty());
  b.put(1, tlbi(opcode::tlbi_nh_asid, 0));
  b.run(1);
  b.smmu.put(opcode::tlbi_nsnh_all);
  b.smmu.publish();
  run_dry();
  REQUIRE(b.done.size() == 2);
  CHECK(b.done[0].vmid == base::vmid(11));
}

TEST_CASE("a guest reaches the devices it was given, by the StreamIDs it knows") {
  bench b;
  b.queue[0]->map_stream(base::stream_id(1), base::stream_id(0x800));
  b.side.on_message = [&](const arch::ats_message& m) { b.side.complete(m); };
  b.put(0, test::ats_bench::atc_inv(1));
  b.put(0, opcode::sync);
  b.run(0);
  REQUIRE(b.side.sent.size() == 1);
  CHECK(b.side.sent[0].sid == base::stream_id(0x800));
  b.put(0, test::ats_bench::atc_inv(0x800));  // the real one is not the guest's to name
  b.run(0);
  CHECK(b.queue[0]->error() == command_error::ill);
  CHECK(b.side.sent.size() == 1);
}

TEST_CASE("a device taken from a guest is out of its reach at once") {
  bench b;
  b.queue[0]->map_stream(base::stream_id(1), base::stream_id(0x800));
  b.queue[0]->unmap_stream(base::stream_id(1));
  b.put(0, test::ats_bench::atc_inv(1));
  b.run(0);
  CHECK(b.queue[0]->error() == command_error::ill);
}

TEST_CASE("a guest's sync writes nowhere, though it has an address") {
  bench b;
  arch::command c;
  c.op = opcode::sync;
  c.signal = arch::sync_signal::interrupt;
  c.address = 0x1000;
  c.msi_data = 1;
  b.put(0, c);
  b.run(0);
  CHECK(b.queue[0]->empty());
  CHECK(b.memory[0].arrivals.size() == 1);  // the fetch
}
