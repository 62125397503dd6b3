// The number and order of hops of each variant, against the tables of vsva-flow.md section 5, which
// are written out here once more.
#include <algorithm>
#include <catch2/catch.hpp>

#include "several_bench.h"

using namespace svasim;
using kit::hop;
using test::sva_bench;

namespace {

struct row {
  std::string number, actor;
  bool on_path;
  std::vector<hop> hops;
  bool always = true;  // every fault takes it; else where there is something to do
};
using rows = std::vector<row>;

// (a) 1 to 7.
const rows up_to_the_host{
    {"1", "DEV", true, {hop::dev_request}},      {"2", "RC", true, {hop::rc_request}},
    {"3", "SMMU", true, {hop::smmu_walk}},       {"4", "SMMU", true, {hop::smmu_completion}},
    {"5", "DEV", true, {hop::dev_page_request}}, {"6", "SMMU", true, {hop::smmu_priq}},
    {"7", "HK", true, {hop::hk_irq_thread}},
};

rows table(char variant) {
  rows all;
  const auto then = [&all](const rows& more) { all.insert(all.end(), more.begin(), more.end()); };
  switch (variant) {
    case 'a':
      then(up_to_the_host);
      then({{"8", "HK", true, {hop::hk_group_work}},
            {"9", "HK", true, {hop::hk_mm}},
            {"10", "HK", true, {hop::hk_response}},
            {"11", "SMMU", true, {hop::smmu_response}},
            {"12", "DEV", true, {hop::dev_retry}}});
      break;
    case 'b':
      then(up_to_the_host);
      then({{"8", "HK", true, {hop::hk_fault_ring}},
            {"9", "VMM", true, {hop::vmm_fault_thread}, false},
            {"10", "VMM", true, {hop::vmm_event}},
            {"11", "vCPU", true, {hop::vcpu_inject}, false},
            {"12", "GK", true, {hop::gk_event_irq}},
            {"13", "GK", true, {hop::gk_work}},
            {"14", "GK", true, {hop::gk_mm}},
            {"15", "HK", true, {hop::hk_stage2}, false},
            {"16", "GK", true, {hop::gk_page_response}},
            {"17", "VMM", true, {hop::vmm_response}},
            {"18", "HK", true, {hop::hk_response_work}},
            {"19", "HK", true, {hop::hk_response}},
            {"20", "VMM", false, {hop::vmm_status}, false},
            {"21", "SMMU/DEV", true, {hop::smmu_response, hop::dev_retry}}});
      break;
    case 'c':
      then(up_to_the_host);
      then({{"8-10", "HK", true, {hop::hk_event}},
            {"11", "vCPU", true, {hop::vcpu_inject}, false},
            {"12", "GK", true, {hop::gk_event_irq}},
            {"13", "GK", true, {hop::gk_work}},
            {"14", "GK", true, {hop::gk_mm}},
            {"15", "HK", true, {hop::hk_stage2}, false},
            {"16-20", "GK/HK", true, {hop::gk_page_response, hop::vmm_response, hop::hk_response}},
            {"21", "SMMU/DEV", true, {hop::smmu_response, hop::dev_retry}}});
      break;
    case 'd':
    case 'e':
      then(up_to_the_host);
      then({{"8", "HK", true, {hop::hk_fault_queue}},
            {"9", "VMM", true, {hop::vmm_guest_queue}},
            {"10", "VMM", true, {hop::vmm_inject}},
            {"11", "GK", true, {hop::gk_priq_thread, hop::gk_work, hop::gk_mm, hop::hk_stage2}},
            {"12", "GK", true, {hop::gk_command}},
            {"13", "VMM", true, {hop::vmm_command}},
            {"14", "HK", true, {hop::hk_response}},
            {"15", "SMMU/DEV", true, {hop::smmu_response, hop::dev_retry}}});
      break;
    case 'g':
      then({{"1", "DEV", true, {hop::dev_untranslated}},
            {"2", "SMMU", true, {hop::smmu_stall}},
            {"3", "SMMU", true, {hop::smmu_evtq}},
            {"4", "HK", true, {hop::hk_irq_thread, hop::hk_group_work}},
            {"5", "HK", true, {hop::hk_mm}},
            {"6", "HK", true, {hop::hk_response}},
            {"7", "SMMU", true, {hop::smmu_response, hop::dev_retry}}});
      break;
    default:
      break;
  }
  return all;
}

void check_rows(char variant) {
  const rows expected = table(variant);
  const auto& said = platforms::fault_rows(test::variant_of(variant));
  REQUIRE(said.size() == expected.size());
  for (std::size_t i = 0; i < said.size(); ++i) {
    CHECK(said[i].row == expected[i].number);
    CHECK(said[i].actor == expected[i].actor);
    CHECK(said[i].on_path == expected[i].on_path);
  }
}

// Every fault goes down the table, row by row; `complete`: and leaves none out that all faults
// take.
void check_order(char variant, const kit::finished_fault& f, bool complete) {
  const rows expected = table(variant);
  std::vector<std::size_t> taken;
  for (const kit::hop_time& h : f.on_path) {
    const auto at = std::find_if(expected.begin(), expected.end(), [&h](const row& r) {
      return std::find(r.hops.begin(), r.hops.end(), h.what) != r.hops.end();
    });
    REQUIRE(at != expected.end());
    const auto number = static_cast<std::size_t>(at - expected.begin());
    if (taken.empty() || taken.back() != number) taken.push_back(number);
  }
  CHECK(std::is_sorted(taken.begin(), taken.end()));
  CHECK(std::adjacent_find(taken.begin(), taken.end()) == taken.end());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (!complete || !expected[i].always) continue;
    INFO("row " << expected[i].number);
    CHECK(std::find(taken.begin(), taken.end(), i) != taken.end());
  }
}

// One page after the other: nothing waits for something else.
trace::sva_plan quiet_plan() {
  trace::sva_plan p = test::small_plan();
  p.processes = 1;
  p.messages = 1;
  p.queue_depth = 1;
  p.access = base::bytes(4096);
  return p;
}

void check_variant(char variant) {
  check_rows(variant);
  platforms::platform_params p = test::variant_params(variant);
  p.device.dma.outstanding_reads = p.device.dma.outstanding_writes = 1;
  sva_bench b(p, quiet_plan());
  b.run();
  CHECK(b.broken_rule() == "");
  CHECK(b.messages_failed() == 0);
  REQUIRE(b.faults().size() == 32);  // each page once
  for (const auto& f : b.faults()) {
    CHECK(f.resolved);
    check_order(variant, f, true);
  }
}

// The same at devices on two SMMUs, half of the pages at each.
void check_two_smmus(char variant) {
  trace::sva_plan plan = quiet_plan();
  plan.vms = 2;
  plan.buffers = 1;
  platforms::platform_params p = test::with_topology(variant, test::two_smmus);
  for (auto& d : p.topology.devices) {
    d.device.dma.outstanding_reads = d.device.dma.outstanding_writes = 1;
  }
  sva_bench b(p, plan);
  b.run();
  CHECK(b.broken_rule() == "");
  REQUIRE(b.faults().size() == 32);
  CHECK(b.model().faults_of(0).resolved.value() == 16);
  for (const auto& f : b.faults()) check_order(variant, f, true);
}

// The same of faults that get in each other's way.
void check_busy(char variant) {
  trace::sva_plan plan = test::small_plan();
  plan.processes = 8;
  sva_bench b(test::variant_params(variant), plan);
  b.run();
  CHECK(b.broken_rule() == "");
  CHECK(b.messages_failed() == 0);
  CHECK(b.faults().size() > 64);
  for (const auto& f : b.faults()) check_order(variant, f, false);  // no time, no hop
}

}  // namespace

TEST_CASE("each fault behind one of two SMMUs takes the rows of (a) in order") {
  check_two_smmus('a');
}
TEST_CASE("each fault behind one of two SMMUs takes the rows of (b) in order") {
  check_two_smmus('b');
}
TEST_CASE("each fault behind one of two SMMUs takes the rows of (d) in order") {
  check_two_smmus('d');
}
TEST_CASE("(a) bare metal: twelve rows, each fault takes all of them in order") {
  check_variant('a');
}
TEST_CASE("(b) virtio-iommu in user space: 21 rows, each fault takes them in order") {
  check_variant('b');
}
TEST_CASE("(c) virtio-iommu in the kernel: rows 8 to 10 are one, 16 to 20 are one") {
  check_variant('c');
}
TEST_CASE("(d) nested vSMMU: rows 8 to 14 and the way back") {
  check_variant('d');
}
TEST_CASE("(e) guest command queues: faults go as in (d)") {
  check_variant('e');
}
TEST_CASE("(g) stall model: seven rows, each fault takes all of them in order") {
  check_variant('g');
}

TEST_CASE("(a) rows stay in order where faults wait for each other") {
  check_busy('a');
}
TEST_CASE("(b) rows stay in order where faults wait for each other") {
  check_busy('b');
}
TEST_CASE("(c) rows stay in order where faults wait for each other") {
  check_busy('c');
}
TEST_CASE("(d) rows stay in order where faults wait for each other") {
  check_busy('d');
}
TEST_CASE("(e) rows stay in order where faults wait for each other") {
  check_busy('e');
}
TEST_CASE("(g) rows stay in order where faults wait for each other") {
  check_busy('g');
}

TEST_CASE("(f) pinned: no rows, no faults, a map and an unmap for each buffer") {
  check_rows('f');
  sva_bench b(test::variant_params('f'), test::small_plan());
  b.run();
  CHECK(b.broken_rule() == "");
  CHECK(b.faults().empty());
  CHECK(b.messages_failed() == 0);
  // Two processes, two buffers of 16 pages whose frames lie side by side or not.
  CHECK(b.count("guest0.viommu_driver.syncs") >= 8);
  CHECK(b.count("guest0.viommu_driver.requests") >= 8);
  CHECK(b.count("guest0.viommu_driver.failed") == 0);
}

TEST_CASE("an unmap costs the commands of the variant's unmap table") {
  trace::sva_plan plan = quiet_plan();
  plan.buffers = 1;
  sva_bench b(test::variant_params('a'), plan);
  b.run();
  // TLBI, SYNC, ATC_INV, SYNC; and one CMD_PRI_RESP for each group.
  CHECK(b.model().commands_consumed() == 4 + b.faults().size());
}
