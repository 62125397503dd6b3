#include "analysis/advise/target.h"

#include <catch2/catch.hpp>

#include "base/error.h"

using namespace svasim;
using advise::target;

namespace {

const std::vector<sweep::metric>& metrics() {
  static const std::vector<sweep::metric> all{{"translation_p99", 5, "ps"},
                                              {"throughput", 5, "bytes/s"},
                                              {"walks", 5, "walks"},
                                              {"smmu.tbu.utlb.miss_ratio", 5, "ppm"}};
  return all;
}

std::string error_of(const std::string& text) {
  try {
    target t(text);
    t.resolve(metrics());
    return "accepted";
  } catch (const base::input_error& e) {
    return e.what();
  }
}

bool met(const std::string& text, std::uint64_t value) {
  target t(text);
  t.resolve(metrics());
  return t.met_by(value);
}

}  // namespace

TEST_CASE("a target is met on its side of the value") {
  CHECK(met("translation_p99 < 1us", 999999));
  CHECK_FALSE(met("translation_p99 < 1us", 1000000));
  CHECK(met("translation_p99<=1us", 1000000));
  CHECK(met("throughput >= 20GB/s", 20000000000));
  CHECK_FALSE(met("throughput > 20GB/s", 20000000000));
  CHECK(met(" walks < 10 ", 9));
}

TEST_CASE("shares are written in percent") {
  CHECK(met("smmu.tbu.utlb.miss_ratio < 1.25%", 12499));
  CHECK_FALSE(met("smmu.tbu.utlb.miss_ratio < 1.25%", 12500));
  CHECK(met("smmu.tbu.utlb.miss_ratio <= 3 %", 30000));
  CHECK(error_of("smmu.tbu.utlb.miss_ratio < 1.00001%") ==
        "--target: smmu.tbu.utlb.miss_ratio needs a share such as 1.5%, not \"1.00001%\"");
}

TEST_CASE("what is no target is told exactly") {
  const std::string form = "--target needs METRIC < VALUE, as in \"translation_p99 < 1us\"";
  CHECK(error_of("") == form);
  CHECK(error_of("translation_p99") == form);
  CHECK(error_of("translation_p99 <") == form);
  CHECK(error_of("< 1us") == form);
  CHECK(error_of("translaton_p99 < 1us") ==
        "--target: no metric \"translaton_p99\"; did you mean \"translation_p99\"?");
  CHECK(error_of("smmu.tbu.utlb.mis_ratio < 1%") ==
        "--target: no metric \"smmu.tbu.utlb.mis_ratio\"; did you mean "
        "\"smmu.tbu.utlb.miss_ratio\"?");
  CHECK(error_of("translation_p99 < 5") ==
        "--target: translation_p99 needs a time such as 1us, not \"5\"");
  CHECK(error_of("throughput > 1us") ==
        "--target: throughput needs a rate such as 20GB/s, not \"1us\"");
  CHECK(error_of("walks < 1us") == "--target: walks needs a whole number, not \"1us\"");
}

TEST_CASE("a metric that a result lacks cannot be judged") {
  target t("translation_p50 < 1us");
  CHECK_THROWS_WITH(t.value_in(metrics()), "the result has no translation_p50");
}
