#include "analysis/sweep/metric.h"

#include <catch2/catch.hpp>
#include <set>

#include "tests/unit/analysis/example.h"

using namespace svasim;

namespace {

std::uint64_t of(const analysis::result& r, const char* name) {
  const auto all = sweep::metrics_of(r);
  const sweep::metric* m = find_metric(all, name);
  REQUIRE(m != nullptr);
  return m->value;
}

}  // namespace

TEST_CASE("metrics are the figures of the result") {
  const analysis::result r = test::example();
  CHECK(of(r, "translation_p99") == r.translation.p99);
  CHECK(of(r, "translation_max") == 426000);
  CHECK(of(r, "write_mean") == (r.write.sum + r.write.count / 2) / r.write.count);
  CHECK(of(r, "time") == r.run.time_ps);
  CHECK(of(r, "throughput") == r.run.bytes_per_s);
  CHECK(of(r, (r.structures[0].path + ".misses").c_str()) == r.structures[0].misses);
  CHECK(of(r, "walks") == r.walks.count);
}

TEST_CASE("an SVA workload has metrics of its faults, unmaps, processor time and hops") {
  const analysis::result r = analysis::result_from_json(test::sva_json(), "r.json");
  CHECK(of(r, "faults") == 32);
  CHECK(of(r, "fault_p50") == 4000000);
  CHECK(of(r, "unmap_p50") == 2500000);
  CHECK(of(r, "cpu.HK") == 25000000);
  CHECK(of(r, "hop.b.9") == 2000000);
  CHECK(find_metric(sweep::metrics_of(r), "unmap_p99") == nullptr);
  CHECK(find_metric(sweep::metrics_of(r), "cpu.GK") == nullptr);
  CHECK(find_metric(sweep::metrics_of(test::example()), "faults") == nullptr);
}

TEST_CASE("each metric has a name of its own and a unit") {
  std::set<std::string> names;
  for (const sweep::metric& m : sweep::metrics_of(test::example())) {
    CHECK(names.insert(m.name).second);
    CHECK_FALSE(m.unit.empty());
  }
}

TEST_CASE("the means of all stages add up to the mean of a transaction") {
  const analysis::result r = test::example();
  std::uint64_t sum = 0, stages = 0;
  for (const sweep::metric& m : sweep::metrics_of(r)) {
    if (m.name.rfind("stage.", 0) != 0) continue;
    sum += m.value;
    ++stages;
  }
  const std::uint64_t mean = (r.read.sum + r.write.sum) / (r.read.count + r.write.count);
  CHECK(stages != 0);
  CHECK(sum + stages >= mean);
  CHECK(sum <= mean + stages);
}

TEST_CASE("what has no samples has no metric") {
  const auto r = analysis::result_from_json(test::empty_run_json(), "r.json");
  const auto all = sweep::metrics_of(r);
  CHECK(find_metric(all, "read_p99") == nullptr);
  CHECK(find_metric(all, "requests") != nullptr);
}

TEST_CASE("values are shown with their unit") {
  CHECK(sweep::shown(482100, "ps") == "482.1 ns");
  CHECK(sweep::shown(12345, "ppm") == "1.2345 %");
  CHECK(sweep::shown(8192, "bits") == "1.000 KiB");
  CHECK(sweep::shown(7, "bits") == "7 bits");
  CHECK(sweep::shown(53210, "misses") == "53,210");
}
