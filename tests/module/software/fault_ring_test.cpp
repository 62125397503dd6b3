#include "tlm/software/fault_ring.h"

#include "software_bench.h"

using namespace svasim;
using base::ns;
using test::page_request;
using test::run_dry;

namespace {
struct bench : test::software_bench {
  explicit bench(std::uint32_t entries)
      : ring("ring", 0x200000, entries, test::no_kernel_costs(), test::no_vmm_costs(), &root) {}
  software::fault_ring ring;
};
}  // namespace

TEST_CASE("records come out of the fault ring as they went in and in order, round its end") {
  bench b(4);
  std::vector<std::uint64_t> seen;
  b.spawn("kernel and VMM", 0u, [&](kit::task& t) {
    for (std::uint16_t i = 0; i < 10; ++i) {
      const arch::page_request r = page_request(3, i, std::uint64_t{i} << 12, i % 3 == 0, i % 2);
      REQUIRE(b.ring.push(t, r));
      const auto back = b.ring.pop(t);
      REQUIRE(back);
      CHECK(*back == r);
    }
    for (std::uint16_t i = 0; i < 3; ++i) {
      REQUIRE(b.ring.push(t, page_request(3, i, std::uint64_t{i} << 12)));
    }
    while (const auto r = b.ring.pop(t)) seen.push_back(r->address >> 12);
  });
  run_dry();
  CHECK(seen == std::vector<std::uint64_t>{0, 1, 2});
  CHECK(b.ring.statistics().written.value() == 13);
  CHECK(b.ring.statistics().used.current() == 0);
}

namespace {
void fill(std::uint32_t entries) {
  bench b(entries);
  b.spawn("kernel", 0u, [&](kit::task& t) {
    for (std::uint32_t i = 0; i < entries; ++i) CHECK(b.ring.push(t, page_request(1, 1, 0x1000)));
    CHECK_FALSE(b.ring.push(t, page_request(1, 2, 0x2000)));
    CHECK(b.ring.statistics().refused.value() == 1);
    CHECK(b.ring.pop(t)->prg_index == 1);
    CHECK(b.ring.push(t, page_request(1, 2, 0x2000)));
  });
  run_dry();
  CHECK(b.ring.statistics().written.value() == entries + 1);
}
}  // namespace

TEST_CASE("a full fault ring refuses and counts, and takes again once a record was read") {
  fill(4);
}

TEST_CASE("a fault ring of one record refuses the second") {
  fill(1);
}

TEST_CASE("each record raises the eventfd once, a refused one does not") {
  bench b(2);
  b.spawn("kernel", 0u, [&](kit::task& t) {
    for (int i = 0; i < 3; ++i) (void)b.ring.push(t, page_request(1, 1, 0x1000));
    CHECK(b.ring.signal().take() == 2);
  });
  run_dry();
}
