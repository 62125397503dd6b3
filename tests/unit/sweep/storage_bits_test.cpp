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
  return sweep::storage_bits(tree, false);
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
  CHECK(sweep::storage_bits(tree, false) == 8 * (126 - 36 + 32));
}

TEST_CASE("a device's cache holds no StreamID") {
  CHECK(bits("device", "atc", structure(64, 64, "random")) == 64 * (126 - 16));
}

TEST_CASE("a walk cache keeps the address above its level") {
  const auto level = [](const char* name, const json& s) {
    const json tree = {{"smmu", {{"tcu", {{"walk_cache", {{name, s}}}}}}}};
    return sweep::storage_bits(tree, false);
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
  const auto all = sweep::storage_of(tree, false);
  REQUIRE(all.size() == 2);
  CHECK(all[0].path == "a.utlb");
  CHECK(all[1].path == "device.0.atc");
  CHECK(sweep::storage_bits(tree, false) == all[0].bits() + all[1].bits());
}

TEST_CASE("an ATC costs only where the device has one") {
  const std::uint64_t atc = 64 * (126 - 16);
  json tree = {{"device", {{"ats", true}, {"atc", structure(64, 64, "random")}}},
               {"memory", {{"first_touch", false}}},
               {"variant", "f"}};
  CHECK(sweep::storage_bits(tree, false) == atc);
  tree["device"]["ats"] = false;
  CHECK(sweep::storage_bits(tree, false) == 0);
  // What serves faults in software needs one, but for pinned memory and stalls.
  for (const char* variant : {"a", "b", "c", "d", "e"}) {
    tree["variant"] = variant;
    CHECK(sweep::storage_bits(tree, true) == atc);
    CHECK(sweep::storage_bits(tree, false) == 0);
  }
  tree["memory"]["first_touch"] = true;
  CHECK(sweep::storage_bits(tree, false) == atc);
  tree["device"]["ats"] = true;
  for (const char* variant : {"f", "g"}) {
    tree["variant"] = variant;
    CHECK(sweep::storage_bits(tree, true) == 0);
  }
}

TEST_CASE("of walk caches only those of the chosen store cost") {
  json tree = {{"smmu",
                {{"tcu",
                  {{"walk_cache",
                    {{"store", "separate"},
                     {"shared", structure(64, 4, "random")},
                     {"s1_l2", structure(8, 4, "random")}}}}}}}};
  REQUIRE(sweep::storage_of(tree, false).size() == 1);
  CHECK(sweep::storage_of(tree, false)[0].path == "smmu.tcu.walk_cache.s1_l2");
  tree["smmu"]["tcu"]["walk_cache"]["store"] = "shared";
  REQUIRE(sweep::storage_of(tree, false).size() == 1);
  CHECK(sweep::storage_of(tree, false)[0].path == "smmu.tcu.walk_cache.shared");
}

TEST_CASE("with a topology each instance costs, and not its template") {
  const json smmu = {{"tbu", {{"tag", "stream"}, {"utlb", structure(4, 4, "random")}}},
                     {"tcu", {{"tlb", structure(8, 8, "random")}}}};
  const json device = {{"ats", true}, {"atc", structure(16, 16, "random")}};
  json without = device;
  without["ats"] = false;
  json tree = {{"smmu", smmu}, {"device", device}};
  const std::uint64_t tbu = 4 * 126, tcu = 8 * 126, atc = 16 * 110;
  CHECK(sweep::storage_bits(tree, false) == tbu + tcu + atc);
  json by_asid = smmu;
  by_asid["tbu"]["tag"] = "asid";
  tree["topology"]["smmus"] = {{{"name", "x"}, {"tbus", 3}, {"smmu", smmu}},
                               {{"name", "y"}, {"tbus", 1}, {"smmu", by_asid}}};
  CHECK(sweep::storage_bits(tree, false) == 3 * tbu + tcu + (4 + 8) * 122 + atc);
  tree["topology"]["devices"] = {{{"name", "d"}, {"device", device}},
                                 {{"name", "e"}, {"device", device}},
                                 {{"name", "f"}, {"device", without}}};
  CHECK(sweep::storage_bits(tree, false) == 3 * tbu + tcu + (4 + 8) * 122 + 2 * atc);
  const auto all = sweep::storage_of(tree, false);
  REQUIRE(all.size() == 6);
  CHECK(all[0].path == "topology.smmus.0.smmu.tbu.utlb");
  CHECK(all[0].copies == 3);
  CHECK(all[5].path == "topology.devices.1.device.atc");
}

TEST_CASE("TLBs of cores cost nothing, with a topology or without") {
  const json core = {{"tlb", {{"l2", structure(1280, 5, "lru")}}}};
  CHECK(bits("smmu", "utlb", structure(32, 32, "random")) == 32 * 126);
  json tree = {{"smmu", {{"utlb", structure(32, 32, "random")}}}, {"cpu", core}};
  CHECK(sweep::storage_bits(tree, false) == 32 * 126);
  tree["topology"] = {{"clusters", json::array({{{"name", "c"}, {"cpu", core}}})}};
  CHECK(sweep::storage_bits(tree, false) == 32 * 126);
}
