// A trace whose device translates through its ATC (device.ats): hits, invalidations, results.
#include <algorithm>
#include <catch2/catch.hpp>
#include <list>

#include "base/error.h"
#include "base/rng.h"
#include "platforms/run_result.h"
#include "tests/support/simulation.h"

using namespace svasim;
using test::memory_workload;
using test::simulation;

namespace {

constexpr std::uint64_t iova = 0x10000000, output = 0x80000000, page = 0x1000;

platforms::platform_params with_ats(std::uint32_t entries = 16) {
  platforms::platform_params p;
  p.device.ats = true;
  p.device.dma.mode = device::issue_mode::serial;
  p.device.atc.entries = p.device.atc.ways = entries;
  return p;
}

// Hits of an LRU stack, the plain way.
std::uint64_t lru_hits(const std::vector<std::uint64_t>& pages, std::size_t entries) {
  std::list<std::uint64_t> stack;
  std::uint64_t hits = 0;
  for (const std::uint64_t p : pages) {
    const auto at = std::find(stack.begin(), stack.end(), p);
    if (at != stack.end()) {
      ++hits;
      stack.erase(at);
    } else if (stack.size() == entries) {
      stack.pop_back();
    }
    stack.push_front(p);
  }
  return hits;
}

memory_workload random_pages(unsigned pages, unsigned accesses, std::vector<std::uint64_t>& made) {
  memory_workload w;
  w.stream(8, 1).region(8, iova, base::byte_size(pages * page), output);
  base::rng random(7);
  for (unsigned i = 0; i < accesses; ++i) {
    made.push_back(random.below(pages));
    w.read(iova + made.back() * page + 64 * random.below(32)).by(8);
  }
  return w;
}

}  // namespace

TEST_CASE("a fully associative LRU ATC hits as an LRU stack does") {
  std::vector<std::uint64_t> pages;
  simulation s(with_ats(), random_pages(40, 2000, pages));
  s.run();
  REQUIRE(s.broken_rule() == "");
  const std::uint64_t expected = lru_hits(pages, 16);
  REQUIRE(expected > 500);
  CHECK(s.count("device.atc.cache.hits") == expected);
  CHECK(s.count("device.atc.translation_requests") == 2000 - expected);
  CHECK(s.count("device.atc.translated") == 2000);
}

TEST_CASE("a page that gets a new output is taken out of the ATC before it is used again") {
  memory_workload w;
  w.stream(8, 1).stream(9, 2);
  w.read(iova).to(output).read(iova).to(output).read(iova).by(9).to(output);
  w.invalidate(1, iova).sync();
  w.read(iova).to(output + page).read(iova).by(9).to(output);
  simulation s(with_ats(), w);
  s.run();
  REQUIRE(s.broken_rule() == "");
  CHECK(s.model().checker().checked() == 5);
  // Only the stream whose tables changed is told.
  CHECK(s.model().traced().statistics().atc_invalidations == 1);
  CHECK(s.count("device.atc.invalidations") == 1);
  CHECK(s.count("device.atc.completions") == 1);
  CHECK(s.count("device.atc.cache.invalidated") == 1);
  CHECK(s.count("device.atc.cache.hits") == 2);
}

TEST_CASE("a change that the trace has no invalidation for reaches the ATC all the same") {
  memory_workload w;
  w.stream(8, 1);
  w.read(iova).to(output).read(iova).to(output + page);
  simulation s(with_ats(), w);
  s.run();
  REQUIRE(s.broken_rule() == "");
  CHECK(s.model().traced().statistics().forced_invalidations == 1);
  CHECK(s.count("device.atc.invalidations") == 1);
}

TEST_CASE("with nested tables the ATC holds what both stages give") {
  platforms::platform_params p = with_ats();
  p.tables.mode = arch::table_mode::nested;
  std::vector<std::uint64_t> pages;
  simulation s(p, random_pages(40, 500, pages));
  s.run();
  REQUIRE(s.broken_rule() == "");
  CHECK(s.model().checker().checked() == 500);
  CHECK(s.count("device.atc.cache.hits") == lru_hits(pages, 16));
}

TEST_CASE("many requests under way through an ATC end as recorded") {
  platforms::platform_params p = with_ats();
  p.device.dma.mode = device::issue_mode::closed;
  std::vector<std::uint64_t> pages;
  simulation s(p, random_pages(40, 2000, pages));
  s.run();
  REQUIRE(s.broken_rule() == "");
  CHECK(s.count("device.atc.translated") == 2000);
}

TEST_CASE("the ATC stands first among the structures of a result, and only with ATS") {
  std::vector<std::uint64_t> pages;
  simulation s(with_ats(), random_pages(4, 20, pages));
  s.run();
  const nlohmann::json r = platforms::run_result(s.model(), trace::summary(), {"trace", "t"}, {});
  const nlohmann::json& atc = r.at("structures").at(0);
  CHECK(atc.at("path") == "device.atc");
  CHECK(atc.at("lookups") == 20);
  CHECK(atc.at("hits") == 16);
  CHECK(atc.at("entries") == 16);
}

TEST_CASE("without ATS a result has no ATC") {
  platforms::platform_params p = with_ats();
  p.device.ats = false;
  std::vector<std::uint64_t> pages;
  simulation s(p, random_pages(4, 20, pages));
  s.run();
  const nlohmann::json r = platforms::run_result(s.model(), trace::summary(), {"trace", "t"}, {});
  for (const nlohmann::json& one : r.at("structures")) CHECK(one.at("path") != "device.atc");
}

TEST_CASE("ATS without a first stage is refused") {
  platforms::platform_params p = with_ats();
  p.tables.mode = arch::table_mode::bypass;
  memory_workload w;
  w.stream(8, 1).read(iova);
  CHECK_THROWS_WITH(simulation(p, w), "device.ats needs tables.mode stage1 or nested");
}
