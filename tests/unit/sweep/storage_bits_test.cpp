#include "analysis/sweep/storage_bits.h"

#include <catch2/catch.hpp>

using namespace svasim;
using nlohmann::json;

namespace {

json structure(unsigned entries, unsigned ways, const char* policy) {
  return {{"entries", entries}, {"ways", ways}, {"policy", policy}, {"latency", "1ns"}};
}

std::uint64_t bits(const char* a, const char* b, const json& s, const json& more = {}) {
  json tree = {{a, {{b, s}}}};
  if (!more.is_null()) tree["smmu"]["tbu"] = more;
  return sweep::storage_bits(tree);
}

}  // namespace

// The sums are done by hand from the widths that storage_bits.h lists.
TEST_CASE("a fully associative TLB keeps the whole tag") {
  // 36 + 16 + 20 + 36 + 4 + 10 + 3 + 1 = 126; tree of 31 bits
  CHECK(bits("smmu", "utlb", structure(32, 32, "tree_plru")) == 32 * 126 + 31);
}

TEST_CASE("sets save tag bits and pay for replacement each") {
  // 512 sets: 9 bits less; round robin over 4 ways: 2 bits a set
  CHECK(bits("smmu", "main_tlb", structure(2048, 4, "round_robin")) == 2048 * 117 + 512 * 2);
  CHECK(bits("smmu", "main_tlb", structure(2048, 4, "shared_round_robin")) == 2048 * 117 + 2);
  CHECK(bits("smmu", "main_tlb", structure(2048, 4, "lru")) == 2048 * 117 + 512 * 8);
  CHECK(bits("smmu", "main_tlb", structure(2048, 4, "srrip")) == 2048 * 117 + 512 * 8);
  CHECK(bits("smmu", "main_tlb", structure(2048, 4, "random")) == 2048 * 117);
}

TEST_CASE("sets that are no power of two save only whole bits") {
  // 6 sets: 2 bits
  CHECK(bits("smmu", "main_tlb", structure(24, 4, "random")) == 24 * 124);
}

TEST_CASE("tags by ASID hold ASID and VMID instead of the stream") {
  const json tree = {{"smmu", {{"tbu", {{"tag", "asid"}, {"utlb", structure(8, 8, "random")}}}}}};
  CHECK(sweep::storage_bits(tree) == 8 * (126 - 36 + 32));
}

TEST_CASE("a device's cache holds no StreamID") {
  CHECK(bits("device", "atc", structure(64, 64, "random")) == 64 * (126 - 16));
}

TEST_CASE("a walk cache keeps the address above its level") {
  const auto level = [](const char* name, const json& s) {
    const json tree = {{"smmu", {{"tcu", {{"walk_cache", {{name, s}}}}}}}};
    return sweep::storage_bits(tree);
  };
  // 27 - 9 sets' bits + 32 + 36 + 5 + 1
  CHECK(level("s1_l2", structure(2048, 4, "random")) == 2048 * (27 - 9 + 74));
  // 18 - 6 + 16 + 36 + 5 + 1
  CHECK(level("s2_l1", structure(256, 4, "random")) == 256 * (18 - 6 + 58));
}

TEST_CASE("a configuration cache holds what STE and CD say") {
  CHECK(bits("smmu", "configuration_cache", structure(16, 16, "random")) == 16 * (36 + 256 + 1));
}

TEST_CASE("structures are listed by path, and those left out are not") {
  const json tree = {{"a", {{"tlb", structure(0, 0, "lru")}, {"utlb", structure(4, 4, "lru")}}},
                     {"device", json::array({{{"atc", structure(8, 8, "lru")}}})},
                     {"memory", {{"cache", {{"size", "1MiB"}, {"ways", 4}, {"policy", "lru"}}}}}};
  const auto all = sweep::storage_of(tree);
  REQUIRE(all.size() == 2);
  CHECK(all[0].path == "a.utlb");
  CHECK(all[1].path == "device.0.atc");
  CHECK(sweep::storage_bits(tree) == all[0].bits() + all[1].bits());
}
