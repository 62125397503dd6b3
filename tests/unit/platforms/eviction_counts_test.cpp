#include "platforms/eviction_counts.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace svasim;
using nlohmann::json;
using platforms::eviction_counts;

TEST_CASE("nothing evicted is no party and no pair") {
  CHECK(eviction_counts().to_json() == json::parse(R"({"parties": [], "pairs": []})"));
}

TEST_CASE("evictors and victims are counted by pair, the busiest first") {
  eviction_counts counts;
  counts.add(1, 1);
  for (int i = 0; i < 5; ++i) counts.add(3, 2);
  counts.add(2, 3);
  CHECK(counts.to_json() == json::parse(R"({
      "parties": ["StreamID 0x2", "StreamID 0x3", "StreamID 0x1"],
      "pairs": [[0, 1, 1], [1, 0, 5], [2, 2, 1]]})"));
}

TEST_CASE("entries of one address space are one party whatever their privilege") {
  eviction_counts counts;
  const std::uint64_t space = 3 | 1ull << 16 | 1ull << 63;
  counts.add(space, space | 2ull << 40);
  counts.add(space | 3ull << 42, space);
  CHECK(counts.to_json() == json::parse(R"({"parties": ["ASID 3 VMID 1"], "pairs": [[0, 0, 2]]})"));
}

TEST_CASE("parties beyond those listed are one, and no eviction is lost") {
  eviction_counts counts;
  const std::uint64_t tags = eviction_counts::kept + 10;
  std::uint64_t all = 0;
  for (std::uint64_t by = 0; by < tags; ++by) {
    for (std::uint64_t victim = 0; victim < tags; victim += 3) {
      counts.add(by, victim);
      ++all;
    }
  }
  const json j = counts.to_json();
  CHECK(j["parties"].size() == eviction_counts::listed + 1);
  CHECK(j["parties"].back() == "all others");
  std::uint64_t seen = 0;
  for (const auto& pair : j["pairs"]) seen += pair[2].get<std::uint64_t>();
  CHECK(seen == all);
}
