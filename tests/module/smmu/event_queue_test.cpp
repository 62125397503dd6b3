#include "tlm/smmu/event_queue.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "base/child_process.h"
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

arch::event stall_of(std::uint32_t sid) {
  arch::event e = event_of(sid);
  e.stall = true;
  e.stag = static_cast<std::uint16_t>(sid + 100);
  return e;
}

// Four records, as a list and two counters.
struct naive_queue {
  void produce(std::uint32_t sid) {
    if (!enabled) return;
    if (held.size() < 4) {
      held.push_back(sid);
      return;
    }
    ++lost;
    if (flag == acknowledged) flag = !flag;
  }
  // Reads one record if there is one; EVENTQ_CONS that says so.
  std::uint32_t consume(bool acknowledge) {
    if (!held.empty()) {
      held.erase(held.begin());
      read = (read + 1) % 8;
    }
    if (acknowledge) acknowledged = flag;
    return read | (acknowledged ? overflow : 0);
  }
  std::uint32_t prod() const {
    return (read + static_cast<std::uint32_t>(held.size())) % 8 | (flag ? overflow : 0);
  }
  std::vector<std::uint32_t> held;
  std::uint32_t read = 0;
  std::uint64_t lost = 0;
  bool flag = false, acknowledged = false, enabled = true;
};

// A queue of four records; a write takes 100 ns.
struct bench {
  explicit bench(const smmu::event_queue_params& p = {2, 2})
      : queue("queue", p, regs, queue_base, errors, &root) {
    regs.eventq_enabled = true;
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
  arch::register_view regs;
  smmu::gerror errors;
  smmu::event_queue queue;
  test::scripted_target memory{"memory"};
  std::vector<base::duration> interrupts;
};

}  // namespace

namespace {

// What differs between the queue and a naive one, empty if nothing does.
std::string difference_after(const std::vector<std::uint8_t>& steps) {
  bench b;
  naive_queue naive;
  std::uint32_t sid = 0;
  for (const std::uint8_t step : steps) {
    switch (step % 8) {
      default:
        b.record(++sid);
        naive.produce(sid);
        break;
      case 4:
      case 5:
        b.queue.write_cons(naive.consume(step % 8 == 5));
        run_dry();
        break;
      case 6:
      case 7:
        b.regs.eventq_enabled = naive.enabled = step % 8 == 6;
    }
    if (b.queue.prod() != naive.prod()) return "PROD";
    for (std::uint32_t i = 0; i < naive.held.size(); ++i) {
      if (!(b.at((naive.read + i) % 4) == event_of(naive.held[i]))) return "a record";
    }
    if (b.count("discarded_full") != naive.lost) return "discarded_full";
    if (b.count("recorded") + naive.lost + b.count("discarded_disabled") != sid) return "the sum";
  }
  return "";
}

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

TEST_CASE("a disabled queue takes no record, and flags no overflow") {
  bench b;
  b.regs.eventq_enabled = false;
  for (std::uint32_t n = 1; n <= 6; ++n) b.record(n);
  CHECK(b.memory.arrivals.empty());
  CHECK(b.queue.prod() == 0);
  CHECK(b.count("discarded_disabled") == 6);
}

TEST_CASE("a record write that is aborted stops the queue until EVENTQ_ABT is acknowledged") {
  bench b;
  b.memory.status = tlm::TLM_ADDRESS_ERROR_RESPONSE;
  b.record(1);
  CHECK(b.errors.value() == 1u << 2);
  CHECK(b.queue.prod() == 0);
  CHECK(b.interrupts.empty());
  b.memory.status = tlm::TLM_OK_RESPONSE;
  b.record(2);
  CHECK(b.memory.arrivals.size() == 1);  // not tried
  CHECK(b.count("discarded_disabled") == 2);
  b.errors.acknowledge(1u << 2);
  b.record(3);
  CHECK(b.queue.prod() == 1);
  CHECK(b.at(0) == event_of(3));
}

TEST_CASE("a stall record waits for a place, without overflow, and is written when there is one") {
  bench b;
  for (std::uint32_t n = 1; n <= 4; ++n) b.record(n);
  b.queue.record_stall(stall_of(5));
  run_dry();
  CHECK(b.queue.prod() == wrap);
  CHECK_FALSE(b.queue.drained());
  b.record(6);  // does not stall: lost
  CHECK(b.queue.prod() == (wrap | overflow));
  b.queue.write_cons(overflow | 1);
  run_dry();
  CHECK(b.queue.prod() == ((wrap + 1) | overflow));
  CHECK(b.at(0) == stall_of(5));
  CHECK(b.queue.drained());
}

TEST_CASE("a stall record whose write is aborted is written once EVENTQ_ABT is acknowledged") {
  bench b;
  b.memory.status = tlm::TLM_ADDRESS_ERROR_RESPONSE;
  b.queue.record_stall(stall_of(1));
  run_dry();
  CHECK(b.queue.prod() == 0);
  b.memory.status = tlm::TLM_OK_RESPONSE;
  b.errors.acknowledge(smmu::global_error::eventq_abort);
  run_dry();
  CHECK(b.queue.prod() == 1);
  CHECK(b.at(0) == stall_of(1));
}

TEST_CASE("stall records are taken up to the places there are, and room is told") {
  bench b({2, 2, 3});
  b.regs.eventq_enabled = false;
  unsigned told = 0;
  b.queue.on_stall_room = [&] { ++told; };
  for (std::uint32_t n = 1; n <= 3; ++n) {
    REQUIRE(b.queue.can_record_stall());
    b.queue.record_stall(stall_of(n));
  }
  CHECK_FALSE(b.queue.can_record_stall());
  CHECK_THROWS_WITH(b.queue.record_stall(stall_of(4)), "more stall records than places");
  run_dry();
  CHECK(told == 0);
  b.regs.eventq_enabled = true;
  b.queue.wake();
  run_dry();
  CHECK(told == 3);
  CHECK(b.queue.can_record_stall());
  CHECK(b.queue.prod() == 3);
}

TEST_CASE("records and stall records are written in the order they came") {
  bench b;
  b.queue.record(event_of(1));
  b.queue.record_stall(stall_of(2));
  b.queue.record(event_of(3));
  run_dry();
  CHECK(b.at(0) == event_of(1));
  CHECK(b.at(1) == stall_of(2));
  CHECK(b.at(2) == event_of(3));
}

TEST_CASE(
    "with merging, equal records of a stream that allows it are one until software reads it") {
  bench b({3, 2, 1, true});
  b.queue.record(event_of(1), true);
  b.queue.record(event_of(1), true);  // the first waits
  run_until(us(1) + ns(50));
  b.queue.record(event_of(1), true);  // the first is being written
  run_dry();
  b.queue.record(event_of(1), true);  // the first is in memory
  run_dry();
  CHECK(b.queue.prod() == 1);
  CHECK(b.count("merged") == 3);
  b.queue.write_cons(1);
  b.queue.record(event_of(1), true);  // software has read it
  run_dry();
  CHECK(b.queue.prod() == 2);
  b.queue.record(event_of(2), true);
  run_dry();
  b.queue.record(event_of(1), true);  // no longer the last one
  run_dry();
  CHECK(b.queue.prod() == 4);
  CHECK(b.count("merged") == 3);
}

TEST_CASE("records are not merged where STE.MEV forbids it, nor with merging off") {
  bench b({3, 4, 1, true});
  for (int n = 0; n < 2; ++n) b.record(1);
  CHECK(b.queue.prod() == 2);
}

TEST_CASE("without merging each fault is a record") {
  bench b({3, 4, 1, false});
  for (int n = 0; n < 2; ++n) {
    b.queue.record(event_of(1), true);
    run_dry();
  }
  CHECK(b.queue.prod() == 2);
}

TEST_CASE("the event queue agrees with a naive one after any steps of SMMU and software") {
  REQUIRE(rc::check("event queue", [](const std::vector<std::uint8_t>& steps) {
    // One simulation a process.
    return base::in_child([&steps] { return difference_after(steps); }).empty();
  }));
}
