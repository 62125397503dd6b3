// What the patterns, turns and arrivals of a generator claim, against naive counts.
#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <set>

#include "test_files.h"
#include "workloads/generator.h"

using namespace svasim;
using workloads::access_pattern;
using workloads::arrival;
using workloads::generator;
using workloads::generator_params;
using workloads::interleave;
using workloads::test::read_all;
using workloads::test::scratch;

namespace {

std::vector<trace::record> records_of(const generator_params& p) {
  generator g(p);
  return read_all(g);
}

std::vector<std::uint64_t> offsets_of(const generator_params& p) {
  std::vector<std::uint64_t> out;
  for (const trace::record& r : records_of(p))
    out.push_back(r.address - base::iova(p.address.value()));
  return out;
}

generator_params any_params() {
  generator_params p;
  p.pattern = static_cast<access_pattern>(*rc::gen::inRange(0, 10));
  p.accesses = *rc::gen::inRange<std::uint64_t>(1, 3000);
  p.footprint = base::kib(4 * *rc::gen::inRange<std::uint64_t>(8, 100));
  p.transfer = base::bytes(*rc::gen::inRange<std::uint64_t>(1, 9000));
  p.touches = *rc::gen::inRange(1u, 40u);
  p.queues = *rc::gen::inRange(1u, 4u);
  p.queue_entries = 4 * *rc::gen::inRange(2u, 20u);
  p.queue_depth = *rc::gen::inRange(1u, 6u);
  p.write_ppm = *rc::gen::inRange(0u, 1000001u);
  p.streams = *rc::gen::inRange(1u, 6u);
  p.turns = static_cast<interleave>(*rc::gen::inRange(0, 3));
  p.burst = *rc::gen::inRange(1u, 50u);
  p.interval = base::ns(*rc::gen::inRange<std::uint64_t>(0, 100));
  p.arrivals = static_cast<arrival>(*rc::gen::inRange(0, 2));
  p.seed = *rc::gen::arbitrary<std::uint64_t>();
  return p;
}

// The summary as counting the records gives it.
bool summary_is_right(const trace::summary& about, const std::vector<trace::record>& records) {
  std::map<std::uint32_t, std::uint64_t> per_stream;
  std::uint64_t accesses = 0;
  for (const trace::record& r : records) {
    if (r.kind != trace::record_kind::access) continue;
    ++accesses;
    ++per_stream[r.sid.value()];
  }
  bool good = about.accesses == accesses && about.runs == accesses &&
              about.lines == records.size() && about.commands == records.size() - accesses &&
              about.length == records.back().time;
  std::uint64_t named = 0;
  for (const trace::stream_tag& t : about.streams) {
    good = good && per_stream[t.sid.value()] == t.accesses;
    named += t.accesses;
  }
  return good && named == accesses;
}

}  // namespace

TEST_CASE("of any workload the summary is right, and the same records come again") {
  REQUIRE(rc::check([] {
    const generator_params p = any_params();
    generator g(p);
    const trace::summary about = g.about();
    const auto records = read_all(g);
    generator again(p);
    std::vector<trace::record> filled(records.size() + 1);
    if (again.fill(filled.data(), filled.size()) != records.size()) return false;
    std::uint64_t line = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (workloads::test::text_of(records[i]) != workloads::test::text_of(filled[i])) return false;
      if (records[i].line != ++line) return false;
      if (i > 0 && records[i].time < records[i - 1].time) return false;
    }
    return summary_is_right(about, records);
  }));
}

TEST_CASE("of any workload every access lies in its region and leads where the region does") {
  REQUIRE(rc::check([] {
    const generator_params p = any_params();
    const base::byte_size size = p.region_size();
    for (const trace::record& r : records_of(p)) {
      if (r.kind != trace::record_kind::access) continue;
      const std::uint64_t into = r.address.value() - p.address.value();
      const std::uint64_t stream = r.sid.value() - p.first_stream;
      if (r.address.value() < p.address.value() || into + r.length > size.value()) return false;
      if (into / 4096 != (into + r.length - 1) / 4096) return false;
      if (r.output != p.output.value() + stream * size.value() + into) return false;
    }
    return true;
  }));
}

TEST_CASE("a pointer chase comes to every place once a round, in an order without pattern") {
  generator_params p;
  p.pattern = access_pattern::pointer_chase;
  p.footprint = base::bytes(64 * 1000);
  p.accesses = 2000;
  const auto offsets = offsets_of(p);
  const std::set<std::uint64_t> first(offsets.begin(), offsets.begin() + 1000);
  CHECK(first.size() == 1000);
  CHECK(*first.rbegin() == 64 * 999);
  CHECK(std::equal(offsets.begin(), offsets.begin() + 1000, offsets.begin() + 1000));
  std::map<std::uint64_t, unsigned> steps;
  for (std::size_t i = 1; i < 1000; ++i) ++steps[offsets[i] - offsets[i - 1]];
  for (const auto& [step, n] : steps) CHECK(n < 10);
}

TEST_CASE("zipf draws ranks with the weights of its exponent") {
  for (const std::uint32_t percent : {0u, 50u, 99u, 150u, 300u}) {
    CAPTURE(percent);
    constexpr unsigned n = 100;
    constexpr unsigned draws = 400000;
    const workloads::zipf_table table(n, percent);
    base::rng rng(7);
    std::vector<unsigned> seen(n);
    for (unsigned i = 0; i < draws; ++i) ++seen.at(table.draw(rng));
    double sum = 0;
    for (unsigned r = 1; r <= n; ++r) sum += std::pow(r, -0.01 * percent);
    for (unsigned r = 1; r <= n; ++r) {
      const double share = std::pow(r, -0.01 * percent) / sum;
      const double expected = draws * share;
      const double deviation = std::sqrt(draws * share * (1 - share));
      CHECK(std::abs(seen[r - 1] - expected) < 5 * deviation + 1);
    }
  }
}

TEST_CASE("zipf's hot pages are a few of all, scattered, and every place in them is used") {
  generator_params p;
  p.pattern = access_pattern::zipf;
  p.footprint = base::mib(4);  // 1024 pages
  p.zipf_percent = 100;
  p.accesses = 200000;
  std::map<std::uint64_t, unsigned> pages;
  std::set<std::uint64_t> places;
  for (const std::uint64_t offset : offsets_of(p)) {
    ++pages[offset / 4096];
    places.insert(offset % 4096);
  }
  CHECK(places.size() == 64);
  std::vector<std::pair<unsigned, std::uint64_t>> by_count;
  for (const auto& [page, n] : pages) by_count.emplace_back(n, page);
  std::sort(by_count.rbegin(), by_count.rend());
  // H(1024) = 7.5092: the first has 13.3 %, the first ten together 39.0 %.
  CHECK(by_count[0].first > 26000);
  CHECK(by_count[0].first < 27250);
  unsigned ten = 0;
  unsigned near = 0;
  for (unsigned i = 0; i < 10; ++i) {
    ten += by_count[i].first;
    if (i > 0) near += by_count[i].second - by_count[i - 1].second + 1 <= 2 ? 1 : 0;
  }
  CHECK(ten > 77000);
  CHECK(ten < 79000);
  CHECK(near < 2);
}

TEST_CASE("first_touch opens page after page, none of them mapped before") {
  generator_params p;
  p.pattern = access_pattern::first_touch;
  p.footprint = base::kib(12);
  p.touches = 3;
  p.accesses = 10;
  CHECK(generator(p).about().regions.empty());
  CHECK(offsets_of(p) ==
        std::vector<std::uint64_t>{0, 64, 128, 4096, 4160, 4224, 8192, 8256, 8320, 0});
}

TEST_CASE("unmap_storm invalidates every page after its last touch and before the next round") {
  for (const std::uint32_t unit : {1u, 3u, 32u, 63u}) {
    CAPTURE(unit);
    generator_params p;
    p.pattern = access_pattern::unmap_storm;
    p.footprint = base::kib(4 * unit * 5);
    p.unmap_pages = unit;
    p.touches = 2;
    p.accesses = 2 * unit * 17;
    p.streams = 2;
    std::map<std::pair<std::uint32_t, std::uint64_t>, unsigned> touched;
    std::uint64_t syncs = 0;
    for (const trace::record& r : records_of(p)) {
      if (r.kind == trace::record_kind::access) {
        CHECK(++touched[{r.sid.value(), r.address.page(12)}] <= 2);
        continue;
      }
      if ((r.command[0] & 0xff) == 0x46) {
        ++syncs;
        continue;
      }
      const auto range = workloads::smmu_commands::named_range(r.command);
      REQUIRE(range);
      const auto sid = static_cast<std::uint32_t>(8 + (r.command[0] >> 48) - 1);
      for (std::uint64_t at = range->first >> 12; at <= range->last >> 12; ++at) {
        CHECK(touched.at({sid, at}) == 2);
        touched.erase({sid, at});
      }
    }
    CHECK(touched.size() < 2 * unit + 1);
    CHECK(syncs >= 16);
  }
}

TEST_CASE("round robin is strict, random gives equal shares, bursts last as long as they say") {
  generator_params p;
  p.streams = 4;
  p.accesses = 40000;
  p.pattern = access_pattern::zipf;
  const auto sids_of = [&p] {
    std::vector<std::uint32_t> out;
    for (const trace::record& r : records_of(p)) out.push_back(r.sid.value() - 8);
    return out;
  };
  const auto strict = sids_of();
  for (std::size_t i = 0; i < strict.size(); ++i) REQUIRE(strict[i] == i % 4);
  p.turns = interleave::random;
  const auto random = sids_of();
  std::map<std::uint32_t, unsigned> share;
  unsigned repeats = 0;
  for (std::size_t i = 0; i < random.size(); ++i) {
    ++share[random[i]];
    repeats += i > 0 && random[i] == random[i - 1] ? 1 : 0;
  }
  for (const auto& [sid, n] : share) CHECK(std::abs(static_cast<double>(n) - 10000) < 433);
  CHECK(std::abs(static_cast<double>(repeats) - 10000) < 433);  // each draw is a new one
  p.turns = interleave::bursty;
  p.burst = 100;
  const auto bursty = sids_of();
  std::set<std::uint32_t> first_of_bursts;
  for (std::size_t i = 0; i < bursty.size(); i += 100) {
    first_of_bursts.insert(bursty[i]);
    for (std::size_t k = 0; k < 100; ++k) REQUIRE(bursty[i + k] == bursty[i]);
  }
  CHECK(first_of_bursts.size() == 4);
}

TEST_CASE("even arrivals are even, Poisson ones have their mean and as large a deviation") {
  generator_params p;
  p.pattern = access_pattern::zipf;
  p.footprint = base::mib(1);
  p.interval = base::ns(100);
  p.accesses = 100000;
  const auto records = records_of(p);
  for (std::size_t i = 0; i < records.size(); ++i) REQUIRE(records[i].time == base::ns(100) * i);
  p.arrivals = arrival::poisson;
  double sum = 0;
  double squares = 0;
  base::duration last;
  for (const trace::record& r : records_of(p)) {
    const auto gap = static_cast<double>((r.time - last).value()) / 1000;
    last = r.time;
    sum += gap;
    squares += gap * gap;
  }
  const double mean = sum / 99999;
  const double deviation = std::sqrt(squares / 99999 - mean * mean);
  CHECK(std::abs(mean - 100) < 1.6);  // five standard errors
  CHECK(std::abs(deviation - 100) < 3);
}
