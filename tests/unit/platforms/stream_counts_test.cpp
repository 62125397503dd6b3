#include "platforms/stream_counts.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace svasim;
using platforms::name_of_key;
using platforms::stream_counts;

namespace {

// What a device counts of all requests.
struct device_counts {
  stream_counts::figures all;
  stream_counts streams{[this] { return all; }};
  void add(std::uint64_t key, std::uint64_t whole_ns, std::uint64_t translation_ns, bool ok) {
    streams.add(key, base::ns(whole_ns), base::ns(translation_ns), ok);
    all.whole_ps += whole_ns * 1000;
    all.faulted += !ok;
    all.translation.add(translation_ns * 1000);
  }
};

}  // namespace

TEST_CASE("keys have names for people") {
  CHECK(name_of_key(0x108) == "StreamID 0x108");
  CHECK(name_of_key(0x8 | (5ull | 1ull << 20) << 32) == "StreamID 0x8 PASID 5");
  CHECK(name_of_key(3 | 1ull << 16 | 1ull << 63) == "ASID 3 VMID 1");
}

TEST_CASE("requests count for their own stream") {
  device_counts counts;
  counts.add(8, 100, 10, true);
  counts.add(16, 300, 40, false);
  counts.add(8, 200, 20, true);
  const nlohmann::json j = counts.streams.to_json();
  REQUIRE(j.size() == 2);
  CHECK(j[0] == nlohmann::json::parse(R"({"name": "StreamID 0x8", "requests": 2, "faulted": 0,
      "whole_sum_ps": 300000, "translation": {"sum_ps": 30000, "p50_ps": 10047,
      "p99_ps": 20000, "max_ps": 20000}})"));
  CHECK(j[1]["name"] == "StreamID 0x10");
  CHECK(j[1]["faulted"] == 1);
}

TEST_CASE("of a single stream everything is what the device counted") {
  device_counts counts;
  CHECK(counts.streams.to_json() == nlohmann::json::array());
  counts.add(8, 100, 10, true);
  counts.add(8, 200, 30, false);
  const nlohmann::json j = counts.streams.to_json();
  REQUIRE(j.size() == 1);
  CHECK(j[0]["name"] == "StreamID 0x8");
  CHECK(j[0]["requests"] == 2);
  CHECK(j[0]["faulted"] == 1);
  CHECK(j[0]["whole_sum_ps"] == 300000);
  CHECK(j[0]["translation"]["sum_ps"] == 40000);
}

TEST_CASE("a second stream takes nothing from what the first had before it came") {
  device_counts counts;
  for (int i = 0; i < 5; ++i) counts.add(8, 100, 10, true);
  counts.add(9, 7, 3, true);
  const nlohmann::json j = counts.streams.to_json();
  REQUIRE(j.size() == 2);
  CHECK(j[0]["requests"] == 5);
  CHECK(j[0]["whole_sum_ps"] == 500000);
  CHECK(j[1]["requests"] == 1);
  CHECK(j[1]["whole_sum_ps"] == 7000);
}

TEST_CASE("streams beyond those listed are one row, and nothing is lost") {
  device_counts counts;
  const std::uint64_t streams = stream_counts::kept + 20;
  std::uint64_t requests = 0;
  for (std::uint64_t s = 0; s < streams; ++s) {
    for (std::uint64_t i = 0; i <= s; ++i) {
      counts.add(s, 2, 1, i % 2 == 0);
      ++requests;
    }
  }
  const nlohmann::json j = counts.streams.to_json();
  REQUIRE(j.size() == stream_counts::listed + 1);
  CHECK(j[0]["name"] == "StreamID 0x3f");  // of the 64 kept apart the last had most
  CHECK(j[stream_counts::listed]["name"] == "all others");
  std::uint64_t seen = 0;
  std::uint64_t time = 0;
  for (const auto& row : j) {
    seen += row["requests"].get<std::uint64_t>();
    time += row["translation"]["sum_ps"].get<std::uint64_t>();
  }
  CHECK(seen == requests);
  CHECK(time == requests * 1000);
}
