#include "tlm/smmu/event_queue.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/support/scripted_target.h"
#include "tests/support/time_matchers.h"

using namespace svasim;
using base::ns;
using base::us;
using test::run_dry;
using test::run_until;

namespace {

constexpr base::pa queue_base{0x5000};
constexpr std::uint32_t wrap = 4, overflow = 1u << 31;

arch::event event_of(std::uint32_t sid) {
  arch::event e;
  e.type = arch::event_type::f_translation;
  e.sid = base::stream_id(sid);
  e.input_address = 0x1000 * sid;
  return e;
}

// A queue of four records; a write takes 100 ns.
struct bench {
  bench() : queue("queue", {2, 2}, queue_base, &root) {
    queue.to_memory.bind(memory.socket);
    memory.bytes = &bytes;
    memory.latency = ns(100);
    queue.on_interrupt = [this] { interrupts.push_back(kit::now()); };
    run_until(us(1));
  }
  void record(std::uint32_t sid) {
    queue.record(event_of(sid));
    run_dry();
  }
  arch::event at(std::uint32_t index) const {
    arch::event_words words;
    bytes.read(queue_base + index * 32ull, words.data(), 32);
    return arch::decode_event(words);
  }
  std::uint64_t count(const char* name) const {
    return root.to_json()["event_queue"][name].get<std::uint64_t>();
  }
  base::sparse_memory bytes;
  stats::group root{"test"};
  smmu::event_queue queue;
  test::scripted_target memory{"memory"};
  std::vector<base::duration> interrupts;
};

}  // namespace

TEST_CASE("a record lies in memory before PROD says so") {
  bench b;
  b.queue.record(event_of(3));
  CHECK_FALSE(b.queue.drained());
  run_until(us(1) + ns(99));
  CHECK(b.queue.prod() == 0);
  CHECK_FALSE(b.queue.drained());
  run_dry();
  CHECK(b.queue.prod() == 1);
  CHECK(b.queue.drained());
  CHECK(b.at(0) == event_of(3));
  REQUIRE(b.memory.arrivals.size() == 1);
  CHECK(b.memory.arrivals[0].length == 32);
  CHECK(b.interrupts == std::vector<base::duration>{us(1) + ns(100)});
}

TEST_CASE("the interrupt is raised when the queue was empty, and only then") {
  bench b;
  b.record(1);
  b.record(2);
  CHECK(b.interrupts.size() == 1);
  b.queue.write_cons(1);
  b.record(3);
  CHECK(b.interrupts.size() == 1);
  b.queue.write_cons(3);
  b.record(4);
  CHECK(b.interrupts.size() == 2);
}

TEST_CASE("a record that software empties the queue before is told by an interrupt") {
  bench b;
  b.record(1);
  b.queue.record(event_of(2));
  run_until(kit::now() + ns(50));  // the second is being written
  b.queue.write_cons(1);           // software has seen the first and PROD = 1, and sleeps
  run_dry();
  CHECK(b.queue.prod() == 2);
  CHECK(b.interrupts.size() == 2);
}

TEST_CASE("as many records as entries fit, the next one is lost, counted and flagged") {
  bench b;
  for (std::uint32_t n = 1; n <= 4; ++n) b.record(n);
  CHECK(b.queue.prod() == wrap);
  CHECK(b.count("discarded_full") == 0);
  b.record(5);
  CHECK(b.queue.prod() == (wrap | overflow));
  CHECK(b.count("discarded_full") == 1);
  CHECK(b.count("recorded") == 4);
  for (std::uint32_t n = 0; n < 4; ++n) CHECK(b.at(n) == event_of(n + 1));
}

TEST_CASE("overflow stays flagged until acknowledged, then the next one is flagged anew") {
  bench b;
  for (std::uint32_t n = 1; n <= 6; ++n) b.record(n);
  CHECK((b.queue.prod() & overflow) != 0);
  CHECK(b.count("discarded_full") == 2);
  b.queue.write_cons(overflow | 1);  // OVACKFLG = OVFLG, one record read
  b.record(7);
  CHECK(b.queue.prod() == ((wrap + 1) | overflow));
  b.record(8);
  CHECK(b.queue.prod() == wrap + 1);  // toggled: a new overflow
  CHECK(b.count("discarded_full") == 3);
}

TEST_CASE("an overflow that is not acknowledged is flagged once") {
  bench b;
  for (std::uint32_t n = 1; n <= 5; ++n) b.record(n);
  b.queue.write_cons(1);  // a place, without acknowledgement
  b.record(6);
  b.record(7);
  CHECK((b.queue.prod() & overflow) != 0);
  CHECK(b.count("discarded_full") == 2);
}

TEST_CASE("records that come faster than memory takes them are dropped beyond the SMMU's places") {
  bench b;
  b.queue.record(event_of(1));
  run_until(us(1) + ns(1));  // being written
  b.queue.record(event_of(2));
  b.queue.record(event_of(3));
  CHECK(b.count("discarded_pending") == 0);
  b.queue.record(event_of(4));
  CHECK(b.count("discarded_pending") == 1);
  run_dry();
  CHECK(b.count("recorded") == 3);
  CHECK(b.at(2) == event_of(3));
  CHECK(kit::now() == us(1) + ns(300));  // one after the other
}

TEST_CASE("the queue wraps around with its wrap bit") {
  bench b;
  for (std::uint32_t n = 0; n < 19; ++n) {
    b.record(n);
    CHECK(b.at(n % 4) == event_of(n));
    CHECK(b.queue.prod() == (n + 1) % 8);
    b.queue.write_cons((n + 1) % 8);
  }
  CHECK(b.count("recorded") == 19);
  CHECK(b.count("discarded_full") == 0);
}
