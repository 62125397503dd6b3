// Options out of their range, and traces that are more than they allow.
#include <catch2/catch.hpp>

#include "analysis/reuse/reuse.h"
#include "base/error.h"
#include "small_trace.h"

using namespace svasim;
using namespace svasim::test;

namespace {

std::vector<std::string> problems(const reuse::options& o, small_trace t = small_trace({})) {
  std::vector<std::string> out;
  try {
    reuse::analyse(t, o);
  } catch (const base::input_error& e) {
    for (const base::problem& p : e.problems()) out.push_back(p.text());
  }
  return out;
}
using texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a page size is a power of two") {
  reuse::options o;
  o.page_bytes = {3000, 0, 4096, 4096, std::uint64_t{1} << 48};
  CHECK(problems(o) ==
        texts{"--page 3000: a page size is a power of two of at most 128T",
              "--page 0: a page size is a power of two of at most 128T", "--page 4096: given twice",
              "--page 281474976710656: a page size is a power of two of at most 128T"});
}

TEST_CASE("a number of ways is a power of two") {
  reuse::options o;
  for (const std::uint32_t ways : {3u, 12u, 2048u}) {
    o.caches.ways = ways;
    CHECK(problems(o) == texts{"--ways " + std::to_string(ways) +
                               ": a number of ways is a power of two of at most 1024"});
  }
}

TEST_CASE("the largest size is a power of two of 4096 or more") {
  reuse::options o;
  for (const std::uint64_t entries : {std::uint64_t{0}, std::uint64_t{2048}, std::uint64_t{5000},
                                      std::uint64_t{1} << 21, ~std::uint64_t{0}}) {
    o.caches.max_entries = entries;
    CHECK(problems(o) == texts{"--max-entries " + std::to_string(entries) +
                               ": the largest size is a power of two from 4096 to 1048576"});
  }
}

TEST_CASE("more distinct pages than allowed are refused") {
  reuse::options o;
  o.max_pages = 2;
  CHECK(problems(o, small_trace({access(8, 0), access(8, 1), access(8, 4096)}).stream(8, 1)) ==
        texts{});
  CHECK(
      problems(o, small_trace({access(8, 0), access(8, 4096), access(8, 8192)}).stream(8, 1)) ==
      texts{"the trace has more than 2 distinct pages of 4KiB: choose larger ones with --page, or "
            "raise --max-pages"});
  o.max_pages = 0;
  CHECK(problems(o) == texts{"--max-pages 0: a number from 1 to 134217728"});
}

TEST_CASE("more streams and PASIDs than allowed are refused but for the total") {
  std::vector<trace::record> records;
  for (std::uint32_t ssid = 0; ssid < 1025; ++ssid) records.push_back(access(8, ssid, 0));
  small_trace many(records);
  many.stream(8, 1);
  reuse::options o;
  CHECK(problems(o, many) == texts{"the trace has more than 1,024 streams and PASIDs: give --total "
                                   "for the curves of all of them together"});
  o.total_only = true;
  CHECK(problems(o, many) == texts{});
}

TEST_CASE("set-associative caches beyond 2 GiB are refused") {
  std::vector<trace::record> records;
  for (std::uint32_t ssid = 0; ssid < 200; ++ssid) records.push_back(access(8, ssid, 0));
  small_trace many(records);
  many.stream(8, 1);
  reuse::options o;
  o.caches.max_entries = 1 << 20;
  CHECK(problems(o, many) == texts{});
  o.caches.ways = 4;
  CHECK(
      problems(o, many) ==
      texts{"the set-associative caches take more than 2 GiB: give --total, fewer page sizes or a "
            "smaller --max-entries"});
}

TEST_CASE("a stream that the trace itself does not list is refused") {
  CHECK(problems({}, small_trace({access(0x20, 0)}).stream(8, 1)) ==
        texts{"StreamID 0x20 is not in the trace's own list of streams"});
}

TEST_CASE("curves have every power of two from 16, or from the ways") {
  reuse::options o;
  o.caches.ways = 64;
  o.caches.max_entries = 8192;
  small_trace t({});
  const reuse::result r = reuse::analyse(t, o);
  REQUIRE(r.curves.size() == 4);
  REQUIRE(r.curves[0].points.size() == 10);
  CHECK(r.curves[0].points.front().entries == 16);
  CHECK(r.curves[0].points.back().entries == 8192);
  REQUIRE(r.curves[2].points.size() == 8);
  CHECK(r.curves[2].points.front().entries == 64);
  CHECK(r.curves[2].points.back().entries == 8192);
}
