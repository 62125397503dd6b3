#include "tlm/smmu/pri_queue.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "arch/table_builder.h"
#include "base/child_process.h"
#include "tests/support/scripted_target.h"
#include "tests/support/time_matchers.h"

using namespace svasim;
using arch::prg_code;
using base::ns;
using base::us;
using test::run_dry;
using test::run_until;

namespace {

constexpr base::pa queue_base{0x5000};
constexpr std::uint32_t overflow = 1u << 31;

arch::page_request request_of(std::uint16_t group, bool last = true, std::uint32_t pasid = 0) {
  arch::page_request r;
  r.sid = base::stream_id(1);
  r.has_ssid = pasid != 0;
  r.ssid = base::substream_id(pasid);
  r.read = true;
  r.last = last;
  r.prg_index = group;
  r.address = 0x1000ull * group;
  return r;
}

// A queue of four requests; every access to memory takes 100 ns.
struct bench {
  explicit bench(const smmu::pri_queue_params& p = {2, 4})
      : queue("queue", p, regs, queue_base, errors, &root) {
    queue.to_memory.bind(memory.socket);
    memory.bytes = &bytes;
    memory.latency = ns(100);
    queue.on_interrupt = [this] { interrupts.push_back(kit::now()); };
    queue.on_response = [this](const arch::prg_response& r) { responses.push_back(r); };
    regs.enabled = regs.priq_enabled = true;
    regs.caps.pps = true;
    run_until(us(1));
  }
  void request(const arch::page_request& r) {
    REQUIRE(queue.take(r));
    run_dry();
  }
  void fill() {
    for (std::uint16_t n = 1; n <= 4; ++n) request(request_of(n));
  }
  arch::page_request at(std::uint32_t index) const {
    arch::pri_words words;
    bytes.read(queue_base + index * 16ull, words.data(), 16);
    return arch::decode_page_request(words);
  }
  const smmu::pri_queue_stats& stats() const { return queue.statistics(); }

  base::sparse_memory bytes;
  stats::group root{"test"};
  arch::register_view regs;
  smmu::gerror errors;
  smmu::pri_queue queue;
  test::scripted_target memory{"memory"};
  std::vector<base::duration> interrupts;
  std::vector<arch::prg_response> responses;
};

// Stream 1 with STE.PPAR as given.
void set_ppar(bench& b, bool ppar) {
  arch::table_builder_params p;
  p.two_level_stream_table = false;
  p.stream_id_bits = 8;
  arch::table_builder tables(b.bytes, p);
  const auto domain = tables.add_domain({base::asid(1), base::vmid(1)});
  tables.attach(base::stream_id(1), domain);
  arch::registers words;
  words.cr0 = 3;
  tables.configure(words);
  b.regs = arch::register_view(words);
  const base::pa ste = b.regs.table_base + 64;
  const std::uint64_t bit = 1ull << 18;  // dw1[18]
  const std::uint64_t dw1 = b.bytes.read64(ste + 8);
  b.bytes.write64(ste + 8, ppar ? dw1 | bit : dw1 & ~bit);
}

// The last of a group with PASID 0x99 finds the queue full.
void lose_last(bench& b, bool ppar) {
  set_ppar(b, ppar);
  b.fill();
  const auto before = b.memory.arrivals.size();
  b.request(request_of(9, true, 0x99));
  REQUIRE(b.responses.size() == 1);
  CHECK(b.responses[0].code == prg_code::success);
  REQUIRE(b.memory.arrivals.size() == before + 1);  // the STE
  CHECK(b.memory.arrivals.back().length == 64);
}

// Four requests, as a list and two flags.
struct naive_queue {
  enum class fate { written, lost, answered };
  fate produce(const arch::page_request& r) {
    if (flag == acknowledged) {
      if (held.size() < 4) {
        held.push_back(r);
        return fate::written;
      }
      flag = !flag;
    }
    return r.last ? fate::answered : fate::lost;
  }
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
  std::vector<arch::page_request> held;
  std::uint32_t read = 0;
  bool flag = false, acknowledged = false;
};

// What differs between the queue and a naive one, empty if nothing does.
std::string difference_after(const std::vector<std::uint8_t>& steps) {
  bench b;
  naive_queue naive;
  std::uint64_t came = 0, answered = 0;
  for (const std::uint8_t step : steps) {
    if (step % 8 < 5) {
      const arch::page_request r = request_of(static_cast<std::uint16_t>(++came), step % 2 == 0);
      b.request(r);
      answered += naive.produce(r) == naive_queue::fate::answered ? 1 : 0;
    } else {
      b.queue.write_cons(naive.consume(step % 8 == 5));
    }
    if (b.queue.prod() != naive.prod()) return "PROD";
    if (b.responses.size() != answered) return "responses";
    for (std::uint32_t i = 0; i < naive.held.size(); ++i) {
      if (!(b.at((naive.read + i) % 4) == naive.held[i])) return "a request";
    }
    const smmu::pri_queue_stats& s = b.stats();
    if (s.written.value() + s.lost.value() + s.answered.value() != came) return "the sum";
  }
  return "";
}

}  // namespace

TEST_CASE("a page request lies in memory before PRIQ_PROD says so, and software is interrupted") {
  bench b;
  REQUIRE(b.queue.take(request_of(3, true, 0x77)));
  run_until(us(1) + ns(99));
  CHECK(b.queue.prod() == 0);
  run_dry();
  CHECK(b.queue.prod() == 1);
  CHECK(b.at(0) == request_of(3, true, 0x77));
  CHECK(b.memory.arrivals.at(0).length == 16);
  CHECK(b.interrupts == std::vector<base::duration>{us(1) + ns(100)});
  b.request(request_of(4));
  CHECK(b.interrupts.size() == 1);  // was not empty
  CHECK(b.responses.empty());
}

TEST_CASE("with LO software is interrupted by each last request, written or lost, and no other") {
  bench b;
  b.queue.interrupt_on_last(true);
  b.request(request_of(1, false));
  CHECK(b.interrupts.empty());
  b.request(request_of(1, true));
  CHECK(b.interrupts.size() == 1);
  b.request(request_of(2, false));
  b.request(request_of(2, false));
  b.request(request_of(2, false));  // lost
  CHECK(b.interrupts.size() == 1);
  b.request(request_of(2, true));  // lost
  CHECK(b.interrupts.size() == 2);
}

TEST_CASE(
    "in an overflow last requests are answered with success, others vanish, all are counted") {
  bench b;
  b.fill();
  CHECK(b.queue.prod() == 4);
  b.request(request_of(5, false));
  b.request(request_of(5, true, 0x99));
  CHECK(b.queue.prod() == (4 | overflow));
  CHECK(b.stats().lost.value() == 1);
  CHECK(b.stats().overflows.value() == 1);
  REQUIRE(b.responses.size() == 1);
  CHECK(b.responses[0] == arch::prg_response{base::stream_id(1), true, base::substream_id(0x99), 5,
                                             prg_code::success});
}

TEST_CASE("after an overflow nothing is written until it is acknowledged, though there is room") {
  bench b;
  b.fill();
  b.request(request_of(5));
  b.queue.write_cons(4);  // all read, not acknowledged
  b.request(request_of(6));
  CHECK(b.queue.prod() == (4 | overflow));
  CHECK(b.stats().answered.value() == 2);
  b.queue.write_cons(4 | overflow);
  b.request(request_of(7));
  CHECK(b.queue.prod() == (5 | overflow));
  CHECK(b.at(0) == request_of(7));
  CHECK(b.stats().overflows.value() == 1);
}

TEST_CASE("a stop marker is written like a request, and lost without an answer") {
  bench b;
  arch::page_request stop = request_of(0, true, 0x99);
  stop.read = false;
  b.request(stop);
  CHECK(b.at(0) == stop);
  b.fill();  // the fourth does not fit
  b.responses.clear();
  b.request(stop);
  b.regs.priq_enabled = false;
  b.request(stop);
  CHECK(b.responses.empty());
  CHECK(b.stats().stop_markers_lost.value() == 2);
}

TEST_CASE("a disabled PRI queue answers every request with failure, last or not") {
  bench b;
  b.regs.priq_enabled = false;
  b.request(request_of(1, false, 0x99));
  b.request(request_of(1, true, 0x99));
  REQUIRE(b.responses.size() == 2);
  for (const auto& r : b.responses) {
    CHECK(r.code == prg_code::failure);
    CHECK_FALSE(r.has_ssid);
  }
  CHECK(b.queue.prod() == 0);
  CHECK(b.stats().refused.value() == 2);
}

TEST_CASE(
    "a page request write that is aborted raises PRIQ_ABT, which refuses until acknowledged") {
  bench b;
  b.memory.status = tlm::TLM_ADDRESS_ERROR_RESPONSE;
  b.request(request_of(1));
  CHECK(b.errors.value() == 1u << 3);
  b.memory.status = tlm::TLM_OK_RESPONSE;
  b.request(request_of(2));
  CHECK(b.memory.arrivals.size() == 1);
  CHECK(b.responses.size() == 2);
  CHECK(b.stats().refused.value() == 2);
  b.errors.acknowledge(1u << 3);
  b.request(request_of(3));
  CHECK(b.queue.prod() == 1);
}

TEST_CASE("without PPS the response has the PASID if STE.PPAR asks for it") {
  bench b;
  lose_last(b, true);
  CHECK(b.responses[0].has_ssid);
  CHECK(b.responses[0].ssid == base::substream_id(0x99));
}

TEST_CASE("without PPS the response has no PASID if STE.PPAR does not ask for it") {
  bench b;
  lose_last(b, false);
  CHECK_FALSE(b.responses[0].has_ssid);
  const auto before = b.memory.arrivals.size();
  b.request(request_of(10, true));  // no PASID, no need to look
  CHECK(b.memory.arrivals.size() == before);
  CHECK_FALSE(b.responses[1].has_ssid);
}

TEST_CASE("without PPS and without a valid STE the response is a failure") {
  bench b;
  set_ppar(b, true);
  b.bytes.write64(b.regs.table_base + 64, 0);
  b.fill();
  b.request(request_of(9, true, 0x99));
  REQUIRE(b.responses.size() == 1);
  CHECK(b.responses[0].code == prg_code::failure);
  CHECK_FALSE(b.responses[0].has_ssid);
}

TEST_CASE("page requests are held up to the places there are, then the sender keeps them") {
  bench b({2, 2});
  unsigned room = 0;
  b.queue.on_room = [&] { ++room; };
  CHECK(b.queue.take(request_of(1)));
  CHECK(b.queue.take(request_of(2)));
  CHECK_FALSE(b.queue.take(request_of(3)));
  CHECK(b.stats().requests.value() == 2);
  run_dry();
  CHECK(room == 2);
  CHECK(b.queue.take(request_of(3)));
  run_dry();
  CHECK(b.queue.prod() == 3);
}

TEST_CASE("the PRI queue agrees with a naive one after any steps of devices and software") {
  REQUIRE(rc::check("PRI queue", [](const std::vector<std::uint8_t>& steps) {
    // One simulation a process.
    return base::in_child([&steps] { return difference_after(steps); }).empty();
  }));
}
