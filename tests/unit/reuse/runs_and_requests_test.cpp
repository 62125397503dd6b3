// Runs of accesses, and the requests of a virtio-iommu, each against a trace that says the same in
// single accesses or SMMU commands.
#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "analysis/reuse/reuse.h"
#include "small_trace.h"

using namespace svasim;
using test::access;
using test::small_trace;

namespace {

constexpr std::uint64_t page = 4096;

trace::record request(trace::request_type type, std::uint32_t domain, std::uint64_t first,
                      std::uint64_t last) {
  trace::record r;
  r.kind = trace::record_kind::request;
  r.request = type;
  r.domain = domain;
  r.address = base::iova(first);
  r.last = last;
  return r;
}

trace::record unmap(std::uint32_t domain, std::uint64_t first, std::uint64_t last) {
  return request(trace::request_type::unmap, domain, first, last);
}

// Streams 1 and 2 are in domain 5, stream 3 in domain 6; ASIDs tell no two apart.
small_trace domain_trace(std::vector<trace::record> records) {
  return small_trace(std::move(records)).domain(1, 5).domain(2, 5).domain(3, 6);
}

reuse::options all_curves() {
  reuse::options o;
  o.caches.ways = 4;
  o.caches.rate = reuse::sample_rate::parse("0.5");
  o.page_bytes = {page, 4 * page};
  return o;
}

std::uint64_t misses_of(std::vector<trace::record> records) {
  small_trace t = domain_trace(std::move(records));
  reuse::options o;
  o.total_only = true;
  return reuse::analyse(t, o).curves.at(1).points.at(0).misses;
}

}  // namespace

TEST_CASE("a run counts as its accesses one by one") {
  REQUIRE(rc::check([] {
    std::vector<trace::record> runs;
    std::vector<trace::record> singles;
    for (std::size_t n = *rc::gen::inRange<std::size_t>(1, 200); n > 0; --n) {
      const auto sid = *rc::gen::inRange<std::uint32_t>(1, 3);
      trace::record r = access(sid, *rc::gen::inRange<std::uint64_t>(0, 40) * page);
      r.has_ssid = *rc::gen::arbitrary<bool>();
      const auto repeats = *rc::gen::inRange<std::uint32_t>(0, 4);
      singles.insert(singles.end(), repeats + 1, r);
      r.repeats = repeats;
      runs.push_back(r);
    }
    small_trace a(runs);
    small_trace b(singles);
    reuse::result in_runs = reuse::analyse(a.stream(1, 1).stream(2, 2), all_curves());
    const reuse::result one_by_one = reuse::analyse(b.stream(1, 1).stream(2, 2), all_curves());
    const bool counted = in_runs.runs == runs.size() && in_runs.accesses == singles.size();
    in_runs.runs = one_by_one.runs;
    return counted && reuse::json_text(in_runs, true) == reuse::json_text(one_by_one, true);
  }));
}

TEST_CASE("an unmap request removes what a TLBI by address and ASID does") {
  REQUIRE(rc::check([] {
    std::vector<trace::record> requests;
    std::vector<trace::record> commands;
    for (std::size_t n = *rc::gen::inRange<std::size_t>(1, 200); n > 0; --n) {
      const auto address = *rc::gen::inRange<std::uint64_t>(0, 40) * page;
      if (*rc::gen::inRange(0, 3) != 0) {
        requests.push_back(access(*rc::gen::inRange<std::uint32_t>(1, 4), address));
        commands.push_back(requests.back());
        continue;
      }
      const auto domain = *rc::gen::inRange<std::uint16_t>(5, 8);
      const auto pages = *rc::gen::inRange<std::uint8_t>(1, 33);
      requests.push_back(unmap(domain, address, address + pages * page - 1));
      commands.push_back(test::tlbi_range(arch::opcode::tlbi_nh_va, domain, address, pages));
    }
    small_trace a = domain_trace(requests);
    small_trace b(commands);
    const auto by_request = reuse::analyse(a, all_curves());
    const auto by_command = reuse::analyse(b.stream(1, 5).stream(2, 5).stream(3, 6), all_curves());
    return reuse::json_text(by_request, true) == reuse::json_text(by_command, true);
  }));
}

TEST_CASE("an unmap request reaches the pages of its domain that its range overlaps") {
  const auto touch = access(1, 5 * page);
  CHECK(misses_of({touch, touch}) == 1);
  CHECK(misses_of({touch, unmap(5, 5 * page, 6 * page - 1), touch}) == 2);
  CHECK(misses_of({touch, unmap(5, 6 * page - 1, 6 * page - 1), touch}) == 2);
  CHECK(misses_of({touch, unmap(5, 0, ~std::uint64_t{0}), touch}) == 2);
  CHECK(misses_of({touch, unmap(5, 4 * page, 5 * page - 1), touch}) == 1);
  CHECK(misses_of({touch, unmap(5, 6 * page, 7 * page - 1), touch}) == 1);
  CHECK(misses_of({touch, unmap(6, 0, ~std::uint64_t{0}), touch}) == 1);
}

TEST_CASE("attach, detach and map requests remove nothing") {
  const auto touch = access(1, 5 * page);
  for (const auto type :
       {trace::request_type::attach, trace::request_type::detach, trace::request_type::map}) {
    CHECK(misses_of({touch, request(type, 5, 5 * page, 6 * page - 1), touch}) == 1);
  }
}
