// Every case of the translation oracle on the timed SMMU, under several makes of its caches.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <sstream>
#include <string>

#include "base/child_process.h"
#include "platforms/scenario/compare.h"
#include "platforms/scenario/timed.h"
#include "platforms/scenario/untimed.h"
#include "tests/support/scenarios.h"

using namespace svasim;

namespace {

// The one command on which svasim and the oracle differ on purpose (tests/golden/oracle/README.md).
const std::string known =
    "p00434 step 3: consumed false, cmdq_err 1, gerror_cmdq_err true instead of "
    "consumed true, cmdq_err 0, gerror_cmdq_err false\n";

std::vector<scenario::scenario> load_oracle() {
  return test::load_scenarios(SVASIM_SOURCE_DIR "/tests/golden/oracle/public.jsonl.gz");
}

struct verdict {
  std::string differences;
  std::string totals;
  std::uint64_t fetches = 0;  // made by all walks
};

/// SystemC has one kernel a process: each case runs in a process of its own.
verdict run_all(const smmu::smmu_params& params, bool always_cold) {
  verdict out;
  scenario::comparison::totals totals;
  for (scenario::scenario& c : load_oracle()) {
    const std::string text = base::in_child([&] {
      scenario::comparison against(always_cold);
      std::string differences;
      std::uint64_t fetches = 0;
      scenario::answer_sink sink;
      sink.query = [&](std::size_t step, const scenario::query_answer& a) {
        differences += against.query(c, step, a);
        fetches += a.walk.size();
      };
      sink.command = [&](std::size_t step, const scenario::command_answer& a) {
        differences += against.command(c, step, a);
      };
      scenario::translate_timed(c, params, sink);
      const auto& t = against.counts();
      return fmt::format("{} {} {} {} {}\n{}", t.queries, t.commands, t.walks, t.differences,
                         fetches, differences);
    });
    std::istringstream in(text);
    scenario::comparison::totals t;
    std::uint64_t fetches = 0;
    in >> t.queries >> t.commands >> t.walks >> t.differences >> fetches;
    totals += t;
    out.fetches += fetches;
    out.differences += text.substr(text.find('\n') + 1);
  }
  out.totals = totals.text();
  return out;
}

/// Of all queries, when nothing is cached.
std::uint64_t cold_fetches() {
  std::uint64_t n = 0;
  for (scenario::scenario& c : load_oracle()) {
    scenario::answer_sink sink;
    sink.query = [&n](std::size_t, const scenario::query_answer& a) { n += a.walk.size(); };
    sink.command = [](std::size_t, const scenario::command_answer&) {};
    scenario::translate(c, sink);
  }
  return n;
}

smmu::smmu_params without_caches() {
  smmu::smmu_params p = scenario::timed_defaults();
  p.tbu.utlb.entries = p.tbu.main_tlb.entries = 0;
  p.tcu.configuration_cache.entries = p.tcu.tlb.entries = 0;
  smmu::walk_cache_params& w = p.tcu.walk_cache;
  for (auto* c : {&w.s1_l0, &w.s1_l1, &w.s1_l2, &w.s2_l0, &w.s2_l1, &w.s2_l2}) c->entries = 0;
  return p;
}

}  // namespace

TEST_CASE("the timed SMMU gives an acceptable outcome to every oracle query") {
  const verdict v = run_all(scenario::timed_defaults(), false);
  CHECK(v.differences == known);
  CHECK(v.totals == "3680 queries, 844 commands, 362 cold walks: 1 differences");
  CHECK(v.fetches < cold_fetches() * 3 / 4);
}

TEST_CASE("without caches the timed walker makes every listed fetch in order") {
  const verdict v = run_all(without_caches(), true);
  CHECK(v.differences == known);
  CHECK(v.totals == "3680 queries, 844 commands, 2231 cold walks: 1 differences");
  CHECK(v.fetches == cold_fetches());
}

TEST_CASE("oracle outcomes hold with tags by ASID and a TLB in the TCU") {
  smmu::smmu_params p = scenario::timed_defaults();
  p.tbu.tag = smmu::tlb_tag::asid;
  p.tcu.tlb.entries = p.tcu.tlb.ways = 64;
  CHECK(run_all(p, false).differences == known);
}

TEST_CASE("oracle outcomes hold with entries of one page and no TLB before the TCU") {
  smmu::smmu_params p = scenario::timed_defaults();
  p.tbu.span = smmu::tlb_span::page;
  CHECK(run_all(p, false).differences == known);
  p.tbu.utlb.entries = p.tbu.main_tlb.entries = 0;
  p.tcu.tlb.entries = p.tcu.tlb.ways = 64;
  p.tcu.walk_cache.nested = false;
  CHECK(run_all(p, false).differences == known);
}

TEST_CASE("oracle outcomes hold with split entries, an IPA cache, and STE and CD apart") {
  smmu::smmu_params p = scenario::timed_defaults();
  p.tbu.nested_entries = smmu::nested_entries::split;
  p.tbu.release = smmu::release_rule::in_order;
  p.tbu.hazard = smmu::hazard_rule::leaf_table;
  p.tcu.configuration_cache.entries = p.tcu.configuration_cache.ways = 0;
  p.tcu.ste_cache.entries = p.tcu.ste_cache.ways = 16;
  p.tcu.cd_cache.entries = p.tcu.cd_cache.ways = 16;
  p.tcu.ipa_cache.entries = p.tcu.ipa_cache.ways = 64;
  p.tcu.walk_cache.store = smmu::walk_cache_store::shared;
  CHECK(run_all(p, false).differences == known);
  p.tcu.walk_cache.nested_tables = false;
  p.tcu.walk_cache.probe = smmu::walk_cache_probe::sequential;
  p.tcu.walk_step = p.tcu.read_issue = base::ns(1);
  p.tbu.main_tlb.partition = {smmu::partition_key::pasid, 2};
  p.tcu.walk_cache.partition = {smmu::partition_key::vmid, 2};
  CHECK(run_all(p, false).differences == known);
}
