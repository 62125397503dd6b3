// The prefetcher against a history in which addresses are whole numbers, not words.
#include "tlm/smmu/prefetcher.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "steps.h"

using namespace svasim;
using smmu::prefetch_rule;
using smmu::prefetcher;
using integer = __int128;  // of any sign, beyond the address space on both sides

namespace {

constexpr integer end = integer{1} << 64;
constexpr std::uint64_t top = ~std::uint64_t{0};

// A subtractor of 64 bits takes a jump over more than half of the space for the step the other way.
integer as_subtracted(integer distance) {
  if (distance >= end / 2) return distance - end;
  return distance < -end / 2 ? distance + end : distance;
}
std::optional<std::uint64_t> in_space(integer address) {
  if (address < 0 || address >= end) return std::nullopt;
  return static_cast<std::uint64_t>(address);
}

class naive_prefetcher {
 public:
  explicit naive_prefetcher(const smmu::prefetch_params& p) : m_params(p) {}

  std::optional<std::uint64_t> after_miss(std::uint64_t stream, std::uint64_t address,
                                          unsigned shift) {
    const integer size = integer{1} << shift;
    const integer leaf = integer{address} / size * size;
    if (m_params.rule == prefetch_rule::none) return std::nullopt;
    if (m_params.rule == prefetch_rule::next_page) return in_space(leaf + size);
    const auto known = std::find_if(m_recent.begin(), m_recent.end(),
                                    [&](const history& h) { return h.stream == stream; });
    if (known == m_recent.end()) {
      m_recent.insert(m_recent.begin(), {stream, leaf, 0});
      if (m_recent.size() > m_params.streams) m_recent.pop_back();
      return std::nullopt;
    }
    const integer distance = as_subtracted(leaf - known->last);
    const bool again = distance != 0 && distance == known->distance;
    m_recent.erase(known);
    m_recent.insert(m_recent.begin(), {stream, leaf, distance});
    return again ? in_space(leaf + distance) : std::nullopt;
  }

 private:
  struct history {
    std::uint64_t stream;
    integer last, distance;
  };
  smmu::prefetch_params m_params;
  std::vector<history> m_recent;  // the latest first
};

smmu::prefetch_params params_of(prefetch_rule rule, std::uint32_t streams) {
  smmu::prefetch_params p;
  p.rule = rule;
  p.streams = streams;
  return p;
}

constexpr std::array<unsigned, 5> sizes{12, 12, 16, 21, 30};

// Few distances from few places, so that they repeat; some near the ends of the address space.
std::uint64_t any_address(test::dice& d, std::uint64_t last) {
  constexpr std::array<std::uint64_t, 5> steps{0x1000, 0x2000, 0x20'0000, 0x1'0000, 0x1000};
  const std::uint64_t step = d.of(steps);
  switch (d.below(8)) {
    case 0:
      return d.below(4) << 12;
    case 1:
      return top - (d.below(4) << 12);
    case 2:
    case 3:
      return last < step ? last : last - step;
    default:
      return last > top - step ? last : last + step;
  }
}

}  // namespace

TEST_CASE("what is asked for after a miss is what a naive history would ask for") {
  for (const prefetch_rule rule :
       {prefetch_rule::none, prefetch_rule::next_page, prefetch_rule::stride}) {
    for (const std::uint32_t streams : {1u, 3u, 16u}) {
      REQUIRE(rc::check([&] {
        prefetcher is(params_of(rule, streams));
        naive_prefetcher expected(params_of(rule, streams));
        std::array<std::uint64_t, 4> last{};
        for (const std::uint64_t word : test::any_steps(200)) {
          test::dice d(word);
          const std::uint64_t stream = d.below(4);
          const unsigned shift = d.of(sizes);
          last[stream] = any_address(d, last[stream]);
          if (is.after_miss(stream, last[stream], shift) !=
              expected.after_miss(stream, last[stream], shift)) {
            return false;
          }
        }
        return true;
      }));
    }
  }
}

TEST_CASE("next_page asks for the page behind the leaf, and for none behind the last one") {
  prefetcher p(params_of(prefetch_rule::next_page, 1));
  CHECK(p.after_miss(1, 0x1234, 12) == 0x2000u);
  CHECK(p.after_miss(1, 0x1234, 21) == 0x20'0000u);
  CHECK(p.after_miss(1, top - 0x1fff, 12) == top - 0xfff);
  CHECK(p.after_miss(1, top, 12) == std::nullopt);
  CHECK(p.after_miss(1, top - 0x1fff, 21) == std::nullopt);
}

TEST_CASE("stride asks once a distance has come twice in a row, up and down") {
  prefetcher p(params_of(prefetch_rule::stride, 1));
  CHECK(p.after_miss(1, 0x10000, 12) == std::nullopt);
  CHECK(p.after_miss(1, 0x13000, 12) == std::nullopt);
  CHECK(p.after_miss(1, 0x16000, 12) == 0x19000u);
  CHECK(p.after_miss(1, 0x15000, 12) == std::nullopt);
  CHECK(p.after_miss(1, 0x14000, 12) == 0x13000u);
  CHECK(p.after_miss(1, 0x14000, 12) == std::nullopt);
  CHECK(p.after_miss(1, 0x14000, 12) == std::nullopt);
}

TEST_CASE("a stride ends at both ends of the address space") {
  prefetcher p(params_of(prefetch_rule::stride, 2));
  for (const std::uint64_t address : {0x2000u, 0x1000u}) p.after_miss(1, address, 12);
  CHECK(p.after_miss(1, 0, 12) == std::nullopt);
  for (const std::uint64_t back : {0x2000u, 0x1000u}) p.after_miss(2, top - back, 12);
  CHECK(p.after_miss(2, top, 12) == std::nullopt);
}

TEST_CASE("a jump over the whole address space is taken for a small step the other way") {
  prefetcher p(params_of(prefetch_rule::stride, 1));
  for (const std::uint64_t address : {std::uint64_t{0}, top}) p.after_miss(1, address, 12);
  CHECK(p.after_miss(1, top - 0x1000, 12) == top - 0x2fff);
}

TEST_CASE("without a place for it a stream's history is forgotten, the longest unused first") {
  prefetcher p(params_of(prefetch_rule::stride, 2));
  for (const std::uint64_t stream : {1u, 2u, 1u, 3u}) p.after_miss(stream, 0x1000, 12);
  p.after_miss(1, 0x3000, 12);
  CHECK(p.after_miss(1, 0x5000, 12) == 0x7000u);
  p.after_miss(2, 0x3000, 12);
  CHECK(p.after_miss(2, 0x5000, 12) == std::nullopt);
}
