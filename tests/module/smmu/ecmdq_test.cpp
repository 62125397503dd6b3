#include "tlm/smmu/ecmdq.h"

#include <set>

#include "base/rng.h"
#include "queues_bench.h"

using namespace svasim;
using arch::opcode;
using base::duration;
using base::ns;
using base::us;
using test::run_dry;
using test::run_until;
using test::smmu_bench;

namespace {

constexpr std::uint32_t enable = 1u << 31, error = 1u << 23;
constexpr duration decode = ns(5), invalidate = ns(10), dti = ns(20);
constexpr duration one_tlbi = dti + invalidate + dti;

struct bench : test::queues_bench<smmu::ecmdq> {
  bench()
      : queues_bench([](smmu_bench& b, unsigned n) {
          const char* names[] = {"ecmdq0", "ecmdq1"};
          return std::make_unique<smmu::ecmdq>(names[n], b.params.command_queue, b.engine, b.errors,
                                               &b.root, names[n]);
        }) {}
  void start(unsigned n) {
    queue[n]->write_base(ring(n).value() | 2);
    queue[n]->write_prod_register(enable);
  }
  void publish(unsigned n, std::uint32_t flags = 0) {
    queue[n]->write_prod_register(enable | flags | written[n] % 8);
  }
};

}  // namespace

TEST_CASE("an ECMDQ runs once PROD.EN is set, and says so in CONS.ENACK") {
  bench b;
  b.queue[0]->write_base(b.ring(0).value() | 2);
  b.put(0, opcode::tlbi_nh_all);
  b.queue[0]->write_prod_register(1);
  run_dry();
  CHECK(b.queue[0]->cons_register() == 0);
  CHECK(b.smmu.invalidated.empty());
  b.publish(0);
  CHECK(b.queue[0]->cons_register() == enable);
  run_dry();
  CHECK(b.queue[0]->cons_register() == (enable | 1));
  CHECK(b.queue[0]->prod_register() == (enable | 1));
  CHECK(b.smmu.invalidated == std::vector<opcode>{opcode::tlbi_nh_all});
}

TEST_CASE("disabling an ECMDQ is acknowledged when the command under way is consumed") {
  bench b;
  b.start(0);
  for (int n = 0; n < 3; ++n) b.put(0, opcode::tlbi_nh_all);
  b.publish(0);
  run_until(smmu_bench::start + smmu_bench::latency + decode + ns(1));
  b.queue[0]->write_prod_register(3);
  CHECK((b.queue[0]->cons_register() & enable) != 0);
  run_dry();
  CHECK(b.queue[0]->cons_register() == 1);
  CHECK(b.smmu.invalidated.size() == 1);
}

TEST_CASE("BASE and CONS of an ECMDQ are writable only while it is disabled") {
  bench b;
  CHECK(b.queue[0]->write_cons_register(2 | error));
  CHECK(b.queue[0]->cons_register() == (2 | error));
  b.start(0);
  CHECK_FALSE(b.queue[0]->write_base(0x20000002));
  CHECK_FALSE(b.queue[0]->write_cons_register(1));
  CHECK(b.queue[0]->read_base() == (b.ring(0).value() | 2));
  CHECK((b.queue[0]->cons_register() & 7) == 2);
}

TEST_CASE("an error stops its ECMDQ alone, with reason and CMDQP_ERR, until ERRACK follows") {
  bench b;
  b.start(0);
  b.start(1);
  b.put(0, static_cast<opcode>(0xff));
  b.put(0, opcode::tlbi_nh_all);
  b.put(1, opcode::cfgi_ste);
  b.publish(0);
  b.publish(1);
  run_dry();
  CHECK(b.queue[0]->cons_register() == (enable | error | 1u << 24));
  CHECK(b.smmu.errors.value() == 1u << 9);
  CHECK(b.smmu.invalidated == std::vector<opcode>{opcode::cfgi_ste});

  arch::command nothing;
  nothing.op = opcode::sync;
  const auto words = arch::encode(nothing);
  b.smmu.bytes.write(b.ring(0), words.data(), 16);
  b.smmu.errors.acknowledge(1u << 9);  // does not get the queue going
  run_dry();
  CHECK(b.smmu.invalidated.size() == 1);
  b.publish(0, error);
  run_dry();
  CHECK((b.queue[0]->cons_register() & 7) == 2);
  CHECK(b.smmu.invalidated.size() == 2);

  b.put(0, static_cast<opcode>(0xff));  // the next error toggles ERR back
  b.publish(0, error);
  run_dry();
  CHECK((b.queue[0]->cons_register() & error) == 0);
  CHECK(b.queue[0]->error_active());
}

TEST_CASE("a fetch of an ECMDQ that is aborted has the reason CERROR_ABT") {
  bench b;
  b.memory[0].status = tlm::TLM_ADDRESS_ERROR_RESPONSE;
  b.start(0);
  b.put(0, opcode::sync);
  b.publish(0);
  run_dry();
  CHECK(b.queue[0]->cons_register() == (enable | error | 2u << 24));
}

TEST_CASE("invalidations of several queues share the one token, in turn") {
  bench b;
  b.start(0);
  b.start(1);
  for (int n = 0; n < 3; ++n) {
    b.put(0, opcode::tlbi_nh_all);
    b.put(1, opcode::cfgi_ste);
    b.smmu.put(opcode::tlbi_nsnh_all);
  }
  b.publish(0);
  b.publish(1);
  b.smmu.publish();
  run_dry();
  const std::vector<opcode>& done = b.smmu.invalidated;
  REQUIRE(done.size() == 9);
  for (int n = 0; n < 9; n += 3) {  // each turn has one of each
    CHECK(std::set<opcode>(done.begin() + n, done.begin() + n + 3).size() == 3);
  }
  // While one has the token the others decode: only the first decode shows.
  CHECK(kit::now() == smmu_bench::start + smmu_bench::latency + decode + one_tlbi * 9);
}

TEST_CASE("a sync does not wait for commands of another queue") {
  bench b;
  b.start(0);
  b.start(1);
  b.put(0, test::ats_bench::atc_inv(1));  // nobody answers
  b.put(0, opcode::sync);
  b.put(1, opcode::sync);
  b.publish(0);
  b.publish(1);
  run_until(smmu_bench::start + us(10));
  CHECK((b.queue[0]->cons_register() & 7) == 1);
  CHECK((b.queue[1]->cons_register() & 7) == 1);
  run_dry();
  CHECK(b.queue[0]->cons_register() == (enable | error | 3u << 24 | 1));  // timed out
  CHECK_FALSE(b.queue[1]->error_active());
}

TEST_CASE("a failed ATC_INV fails the sync of its queue, not the one of the next queue") {
  bench b;
  b.start(0);
  b.start(1);
  b.put(0, test::ats_bench::atc_inv(1));
  b.publish(0);
  run_dry();  // the timeout
  b.put(1, opcode::sync);
  b.publish(1);
  run_dry();
  CHECK_FALSE(b.queue[1]->error_active());
  b.put(0, opcode::sync);
  b.publish(0);
  run_dry();
  CHECK(b.queue[0]->error_active());
}

TEST_CASE("every command of three queues is carried out once and in the order of its queue") {
  bench b;
  base::rng random(23);
  b.start(0);
  b.start(1);
  std::vector<std::uint64_t> expected[3], seen[3];
  b.smmu.engine.on_invalidation = [&](const arch::command& c) {
    seen[c.address >> 40].push_back(c.address);
  };
  for (std::uint64_t n = 0; n < 300; ++n) {
    const auto q = static_cast<unsigned>(random.below(3));
    const std::uint32_t cons = q == 2 ? b.smmu.commands.cons() : b.queue[q]->cons_register();
    const std::uint32_t prod = q == 2 ? b.smmu.prod : b.written[q];
    if (((prod - cons) & 7) == 4) {
      run_until(kit::now() + ns(100));
      continue;
    }
    arch::command c;
    c.op = random.chance(1, 4) ? opcode::sync : opcode::tlbi_nh_va;
    c.address = std::uint64_t{q} << 40 | n << 12;
    if (c.op == opcode::sync) {
      c.address = 0;
    } else {
      expected[q].push_back(c.address);
    }
    if (q == 2) {
      b.smmu.put(c);
      b.smmu.publish();
    } else {
      b.put(q, c);
      b.publish(q);
    }
  }
  run_dry();
  for (int q = 0; q < 3; ++q) CHECK(seen[q] == expected[q]);
}
