// The fault loop at length: every workload in every variant, answers that are late at random, and
// every queue one deep under a load with forks, copies and unmaps.
#include <catch2/catch.hpp>

#include "base/child_process.h"
#include "one_deep.h"
#include "random_costs.h"
#include "sva_bench.h"

using namespace svasim;
using test::check_random_costs;

namespace {

// With the checker on: nothing lost, no breach, no message failed.
void check_workload(const std::string& name) {
  for (const char v : std::string("abcdefg")) {
    INFO("variant " << v);
    CHECK(base::in_child([&] {
            test::sva_bench b(test::variant_params(v), test::sva_workload(name));
            b.run();
            if (b.model().checked() == 0) return std::string("nothing was checked");
            const std::string broken = b.broken_rule();
            if (!broken.empty() || b.messages_failed() == 0) return broken;
            return std::to_string(b.messages_failed()) + " messages failed";
          }) == "");
  }
}

trace::sva_plan everything() {
  trace::sva_plan p = test::small_plan();
  p.processes = 5;
  p.storm_pages = 2;
  p.cow_percent = 30;
  p.swapped_percent = 5;
  p.fork_after = 3;
  return p;
}

void check_one_deep(char variant) {
  std::size_t n = 0;
  for (const test::one_deep& queue : test::one_deep_queues()) {
    if (queue.variants.find(variant) == std::string::npos) continue;
    INFO(queue.name);
    CHECK(test::with_one_deep(queue, variant, everything()) == "");
    ++n;
  }
  CHECK(n >= 8);
}

}  // namespace

TEST_CASE("in all variants: sva_first_touch loses nothing and breaks no rule") {
  check_workload("sva_first_touch");
}
TEST_CASE("in all variants: sva_fault_storm loses nothing and breaks no rule") {
  check_workload("sva_fault_storm");
}
TEST_CASE("in all variants: sva_unmap_storm loses nothing and breaks no rule") {
  check_workload("sva_unmap_storm");
}
TEST_CASE("in all variants: sva_cow loses nothing and breaks no rule") {
  check_workload("sva_cow");
}
TEST_CASE("in all variants: sva_fork loses nothing and breaks no rule") {
  check_workload("sva_fork");
}
TEST_CASE("in all variants: sva_many_vms loses nothing and breaks no rule") {
  check_workload("sva_many_vms");
}
TEST_CASE("in all variants: sva_mixed loses nothing and breaks no rule") {
  check_workload("sva_mixed");
}
TEST_CASE("in all variants: sva_stall_sweep loses nothing and breaks no rule") {
  check_workload("sva_stall_sweep");
}

TEST_CASE("late answers and costs at random, 200 seeds: (a)") {
  check_random_costs('a', 100, 200, true);
}
TEST_CASE("late answers and costs at random, 200 seeds: (b)") {
  check_random_costs('b', 100, 200, true);
}
TEST_CASE("late answers and costs at random, 200 seeds: (c)") {
  check_random_costs('c', 100, 200, true);
}
TEST_CASE("late answers and costs at random, 200 seeds: (d)") {
  check_random_costs('d', 100, 200, true);
}
TEST_CASE("late answers and costs at random, 200 seeds: (e)") {
  check_random_costs('e', 100, 200, true);
}
TEST_CASE("late answers and costs at random, 200 seeds: (f)") {
  check_random_costs('f', 100, 200, true);
}
TEST_CASE("late answers and costs at random, 200 seeds: (g)") {
  check_random_costs('g', 100, 200, true);
}

TEST_CASE("every queue one deep under a mixed load: (a)") {
  check_one_deep('a');
}
TEST_CASE("every queue one deep under a mixed load: (b)") {
  check_one_deep('b');
}
TEST_CASE("every queue one deep under a mixed load: (c)") {
  check_one_deep('c');
}
TEST_CASE("every queue one deep under a mixed load: (d)") {
  check_one_deep('d');
}
TEST_CASE("every queue one deep under a mixed load: (e)") {
  check_one_deep('e');
}
TEST_CASE("every queue one deep under a mixed load: (f)") {
  check_one_deep('f');
}
TEST_CASE("every queue one deep under a mixed load: (g)") {
  check_one_deep('g');
}
