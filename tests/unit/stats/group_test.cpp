#include "stats/group.h"

#include <catch2/catch.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "stats/counter.h"
#include "stats/histogram.h"
#include "stats/occupancy.h"

using namespace svasim;

namespace {

struct tlb_stats : stats::group {
  explicit tlb_stats(stats::group* parent, const char* name = "utlb") : group(parent, name) {}
  stats::counter misses{this, "misses", "accesses", "Lookups that found nothing."};
  stats::counter hits{this, "hits", "accesses", "Lookups that found a translation."};
  stats::histogram latency{this, "latency", "ps", "From request to answer."};
};

}  // namespace

TEST_CASE("a group writes its members as integers under sorted keys") {
  stats::group root("run");
  tlb_stats tlb(&root);
  stats::counter accesses(&root, "accesses", "accesses", "Accesses issued.");
  ++tlb.hits;
  tlb.misses += 41;
  ++tlb.misses;
  ++ ++accesses;
  nlohmann::json expected = {{"accesses", 2}, {"utlb", {{"hits", 1}, {"misses", 42}}}};
  nlohmann::json got = root.to_json();
  got["utlb"].erase("latency");
  CHECK(got == expected);
  CHECK(root.to_json().dump().find("{\"accesses\":2,\"utlb\":{\"hits\":1,\"latency\":{\"bins\"") ==
        0);
}

TEST_CASE("the documentation names every statistic by path, sorted") {
  stats::group root("run");
  stats::group smmu(&root, "smmu");
  tlb_stats tlb(&smmu);
  stats::occupancy slots(&root, "slots", "entries", "Slots in use.");
  const auto docs = root.document();
  REQUIRE(docs.size() == 4);
  CHECK(docs[0].path == "slots");
  CHECK(docs[0].kind == "occupancy");
  CHECK(docs[0].unit == "entries");
  CHECK(docs[1].path == "smmu.utlb.hits");
  CHECK(docs[1].kind == "counter");
  CHECK(docs[1].sentence == "Lookups that found a translation.");
  CHECK(docs[2].path == "smmu.utlb.latency");
  CHECK(docs[2].kind == "histogram");
  CHECK(docs[2].unit == "ps");
  CHECK(docs[3].path == "smmu.utlb.misses");
  CHECK(tlb.path() == "smmu.utlb");
}

TEST_CASE("a snapshot splits warm-up from the measured span and keeps the whole") {
  stats::group root("run");
  tlb_stats tlb(&root);
  tlb.hits += 5;
  tlb.latency.add(base::ns(1));
  tlb.latency.add(base::ns(900));
  root.snapshot(base::ns(10));
  tlb.hits += 2;
  tlb.latency.add(base::ns(7));

  const auto warm = root.to_json(stats::span::since_snapshot)["utlb"];
  CHECK(warm["hits"] == 2);
  CHECK(warm["latency"]["count"] == 1);
  CHECK(warm["latency"]["min"] == 7000);
  CHECK(warm["latency"]["max"] == 7000);
  CHECK(warm["latency"]["sum"] == 7000);
  const auto whole = root.to_json()["utlb"];
  CHECK(whole["hits"] == 7);
  CHECK(whole["latency"]["count"] == 3);
  CHECK(whole["latency"]["min"] == 1000);
  CHECK(whole["latency"]["max"] == 900000);
  CHECK(whole["latency"]["sum"] == 908000);

  SECTION("a second snapshot starts the span anew") {
    root.snapshot(base::ns(20));
    ++tlb.hits;
    CHECK(root.to_json(stats::span::since_snapshot)["utlb"]["hits"] == 1);
    CHECK(root.to_json(stats::span::since_snapshot)["utlb"]["latency"]["count"] == 0);
    CHECK(root.to_json()["utlb"]["latency"]["count"] == 3);
  }
  SECTION("a reset forgets both spans") {
    root.reset(base::ns(20));
    CHECK(root.to_json()["utlb"]["hits"] == 0);
    CHECK(root.to_json(stats::span::since_snapshot)["utlb"]["hits"] == 0);
    CHECK(root.to_json()["utlb"]["latency"]["max"].is_null());
  }
}

TEST_CASE("without a snapshot both spans are the whole run") {
  stats::group root("run");
  tlb_stats tlb(&root);
  tlb.hits += 3;
  tlb.latency.add(12);
  CHECK(root.to_json(stats::span::since_snapshot) == root.to_json());
}

TEST_CASE("a statistic that dies leaves its group") {
  stats::group root("run");
  {
    tlb_stats tlb(&root);
    stats::counter gone(&root, "gone", "events", "Gone.");
    CHECK(root.to_json().size() == 2);
  }
  CHECK(root.to_json().empty());
  CHECK(root.document().empty());
  stats::counter again(&root, "gone", "events", "The name is free again.");
  CHECK(root.to_json().size() == 1);
}

TEST_CASE("members of a group that died first still count") {
  auto root = std::make_unique<stats::group>("run");
  auto branch = std::make_unique<tlb_stats>(root.get());
  auto leaf = std::make_unique<stats::counter>(root.get(), "leaf", "events", "Leaf.");
  root.reset();
  ++*leaf;
  ++branch->hits;
  CHECK(leaf->value() == 1);
  CHECK(branch->path().empty());
  CHECK(branch->to_json()["hits"] == 1);
}

TEST_CASE("a statistic without a group counts for itself") {
  stats::counter alone(nullptr, "alone", "events", "Alone.");
  alone += 4;
  CHECK(alone.value() == 4);
}

TEST_CASE("names are unique in a group and free of dots") {
  stats::group root("run");
  tlb_stats tlb(&root);
  CHECK_THROWS_WITH(stats::counter(&root, "utlb", "events", "Clash."),
                    "statistics: \"utlb\" exists twice in \"run\"");
  CHECK_THROWS_WITH(stats::group(&tlb, "hits"), "statistics: \"hits\" exists twice in \"utlb\"");
  CHECK_THROWS_WITH(stats::counter(&root, "a.b", "events", "Dot."),
                    "statistics: \"a.b\" is no name: empty or with a '.'");
  CHECK_THROWS_WITH(stats::group(&root, ""), "statistics: \"\" is no name: empty or with a '.'");
  CHECK(root.to_json().size() == 1);
}
