// The status that each request to a virtio-iommu gets.
#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "arch/virtio_iommu_probe.h"
#include "viommu_bench.h"

using namespace svasim;
using namespace svasim::test;
using arch::viommu_request;
using arch::viommu_type;
using s = arch::viommu_status;

TEST_CASE("an endpoint is attached once it is known, and its domain ends with the last detach") {
  viommu_bench b;
  CHECK(b.submit(attach(1, 99)) == s::noent);
  CHECK(b.submit(attach(1, 8)) == s::ok);
  CHECK(b.written == 4);
  CHECK(b.submit(attach(1, 16)) == s::ok);
  CHECK(b.device.endpoints_of(1) == std::vector<std::uint32_t>{8, 16});
  CHECK(b.submit(map(1, 0x1000, 0x1fff)) == s::ok);
  CHECK(b.submit(request(viommu_type::detach, 1, 8)) == s::ok);
  CHECK(b.device.mappings_of(1).size() == 1);
  CHECK(b.submit(request(viommu_type::detach, 1, 8)) == s::inval);
  CHECK(b.submit(request(viommu_type::detach, 2, 16)) == s::inval);
  CHECK(b.submit(request(viommu_type::detach, 1, 99)) == s::noent);
  CHECK(b.submit(request(viommu_type::detach, 1, 16)) == s::ok);
  CHECK(b.device.domains().domains() == 0);
  CHECK(b.device.domains().mappings() == 0);
  CHECK(b.submit(map(1, 0x1000, 0x1fff)) == s::noent);
}

TEST_CASE("an endpoint that is attached elsewhere moves") {
  viommu_bench b;
  REQUIRE(b.submit(attach(1, 8)) == s::ok);
  REQUIRE(b.submit(map(1, 0x1000, 0x1fff)) == s::ok);
  CHECK(b.submit(attach(2, 8)) == s::ok);
  CHECK(b.device.endpoints_of(2) == std::vector<std::uint32_t>{8});
  CHECK(b.device.domains().domains() == 1);
  CHECK(b.submit(attach(2, 8)) == s::ok);
  CHECK(b.device.endpoints_of(2).size() == 1);
}

TEST_CASE("ATTACH refuses flags, reserved bytes and domains that it does not know") {
  virtio::viommu_params p;
  p.domains = 16;
  viommu_bench b(p);
  CHECK(b.submit(attach(1, 8, 2)) == s::inval);
  CHECK(b.submit(attach(16, 8)) == s::range);
  CHECK(b.submit(attach(15, 8)) == s::ok);
  auto bytes = encode(attach(1, 8));
  bytes.bytes[16] = 1;
  CHECK(b.submit(bytes.bytes.data(), bytes.size, 4) == 4);
}

TEST_CASE("a bypass domain holds no mappings, and needs the feature") {
  viommu_bench b;
  CHECK(b.submit(attach(1, 8, arch::viommu_attach_bypass)) == s::ok);
  CHECK(b.submit(map(1, 0x1000, 0x1fff)) == s::inval);
  CHECK(b.submit(unmap(1, 0x1000, 0x1fff)) == s::inval);
  CHECK(b.submit(attach(1, 16)) == s::inval);
  virtio::viommu_params p;
  p.bypass_config = false;
  viommu_bench without(p);
  CHECK(without.submit(attach(1, 8, arch::viommu_attach_bypass)) == s::inval);
}

TEST_CASE("a mapping that overlaps another is INVAL, at its first and at its last byte") {
  viommu_bench b;
  REQUIRE(b.submit(attach(1, 8)) == s::ok);
  REQUIRE(b.submit(map(1, 0x4000, 0x7fff)) == s::ok);
  CHECK(b.submit(map(1, 0x7000, 0x8fff)) == s::inval);
  CHECK(b.submit(map(1, 0x3000, 0x4fff)) == s::inval);
  CHECK(b.submit(map(1, 0x5000, 0x5fff)) == s::inval);
  CHECK(b.submit(map(1, 0x0000, 0xffff)) == s::inval);
  CHECK(b.submit(map(1, 0x3000, 0x3fff)) == s::ok);
  CHECK(b.submit(map(1, 0x8000, 0x8fff)) == s::ok);
  CHECK(b.device.statistics().refused.value() == 4);
}

TEST_CASE("a mapping off the granule or beyond the addresses is RANGE") {
  viommu_bench b;
  REQUIRE(b.submit(attach(1, 8)) == s::ok);
  CHECK(b.submit(map(1, 0x1800, 0x2fff)) == s::range);
  CHECK(b.submit(map(1, 0x1000, 0x2000)) == s::range);
  CHECK(b.submit(map(1, 0x1000, 0x1fff, 0x800)) == s::range);
  CHECK(b.submit(map(1, 0x2000, 0x0fff)) == s::range);
  CHECK(b.submit(map(1, 0xffffffff0000, 0x100000000ffff)) == s::range);
  CHECK(b.submit(map(1, 0xfffffffff000, 0xffffffffffff)) == s::ok);
  CHECK(b.submit(map(1, 0, 0xfff, 0x1000000000000)) == s::range);
  CHECK(b.submit(map(1, 0, 0x1fff, 0xfffffffff000)) == s::range);
  CHECK(b.submit(map(1, 0, 0xfff, 0xfffffffff000)) == s::ok);
  CHECK(b.submit(map(1, 0xffffffffffffe000, 0xffffffffffffffff)) == s::range);
}

TEST_CASE("flags that are not known, and MMIO without the feature, are INVAL") {
  viommu_bench b;
  REQUIRE(b.submit(attach(1, 8)) == s::ok);
  CHECK(b.submit(map(1, 0x1000, 0x1fff, 0x40000, 8)) == s::inval);
  CHECK(b.submit(map(1, 0x1000, 0x1fff, 0x40000, 7)) == s::ok);
  virtio::viommu_params p;
  p.mmio = false;
  viommu_bench without(p);
  REQUIRE(without.submit(attach(1, 8)) == s::ok);
  CHECK(without.submit(map(1, 0x1000, 0x1fff, 0x40000, 7)) == s::inval);
}

TEST_CASE("one mapping more than there may be is NOMEM") {
  virtio::viommu_params p;
  p.mappings = 2;
  viommu_bench b(p);
  REQUIRE(b.submit(attach(1, 8)) == s::ok);
  CHECK(b.submit(map(1, 0x1000, 0x1fff)) == s::ok);
  CHECK(b.submit(map(1, 0x2000, 0x2fff)) == s::ok);
  CHECK(b.submit(map(1, 0x3000, 0x3fff)) == s::nomem);
  CHECK(b.submit(unmap(1, 0x1000, 0x1fff)) == s::ok);
  CHECK(b.submit(map(1, 0x3000, 0x3fff)) == s::ok);
}

TEST_CASE("a mapping over a reserved region of an endpoint is INVAL") {
  viommu_bench b;
  arch::viommu_probe_property window;
  window.type = arch::viommu_property::resv_mem;
  window.subtype = arch::viommu_resv_msi;
  window.start = 0x8000000;
  window.end = 0x80fffff;
  b.device.add_endpoint(24, {window});
  REQUIRE(b.submit(attach(1, 24)) == s::ok);
  CHECK(b.submit(map(1, 0x80ff000, 0x80fffff)) == s::inval);
  CHECK(b.submit(map(1, 0x8100000, 0x8100fff)) == s::ok);
}

TEST_CASE("an unmap that would split a mapping is RANGE and removes nothing") {
  viommu_bench b;
  REQUIRE(b.submit(attach(1, 8)) == s::ok);
  REQUIRE(b.submit(map(1, 0x1000, 0x1fff)) == s::ok);
  REQUIRE(b.submit(map(1, 0x4000, 0x7fff)) == s::ok);
  CHECK(b.submit(unmap(1, 0x1000, 0x5fff)) == s::range);
  CHECK(b.submit(unmap(1, 0x5000, 0xffff)) == s::range);
  CHECK(b.submit(unmap(1, 0x5000, 0x5fff)) == s::range);
  CHECK(b.device.mappings_of(1).size() == 2);
  CHECK(b.submit(unmap(2, 0x1000, 0x1fff)) == s::noent);
  CHECK(b.submit(unmap(1, 0x2000, 0x3fff)) == s::ok);  // a hole
  CHECK(b.submit(unmap(1, 0x0000, 0xffff)) == s::ok);
  CHECK(b.device.mappings_of(1).empty());
  CHECK(b.submit(unmap(1, 0x2000, 0x1fff)) == s::range);
}

TEST_CASE("PROBE tells what an endpoint has, in its whole buffer") {
  viommu_bench b;
  CHECK(b.submit(request(viommu_type::probe, 0, 8)) == s::ok);
  CHECK(b.written == 516);
  std::uint8_t bytes[512];
  kit::read_memory(b.guest, viommu_bench::answer_at, bytes, sizeof bytes);
  const auto list = arch::decode_viommu_properties(bytes, sizeof bytes);
  REQUIRE(list);
  REQUIRE(list->size() == 6);
  CHECK((*list)[0].mask == 0xfffffffffffff000);
  CHECK((*list)[1].end == 0xffffffffffff);
  CHECK((*list)[3].bits == 20);
  CHECK((*list)[5].format == arch::viommu_format_pasid);
  CHECK(b.submit(request(viommu_type::probe, 0, 99)) == s::noent);
  virtio::viommu_params p;
  p.probe_size = 0;
  viommu_bench without(p);
  CHECK(without.submit(request(viommu_type::probe, 0, 8)) == s::unsupp);
  p.probe_size = 16;  // the properties need more
  viommu_bench small(p);
  CHECK(small.submit(request(viommu_type::probe, 0, 8)) == s::deverr);
}

TEST_CASE("the page-table extension goes to its hooks, and is UNSUPP without them") {
  viommu_bench b;
  CHECK(b.submit(attach_table(1, 8)) == s::unsupp);
  std::vector<viommu_request> seen;
  const auto note = [&](kit::task& t, const viommu_request& r) {
    t.compute(base::ns(700));
    seen.push_back(r);
    return s::ok;
  };
  b.device.hooks.on_attach_table = b.device.hooks.on_invalidate = note;
  b.device.hooks.on_page_response = note;
  CHECK(b.submit(attach_table(1, 8)) == s::ok);
  CHECK(b.submit(invalidate(1)) == s::ok);
  viommu_request response = request(viommu_type::page_resp, 1, 8);
  response.flags = arch::viommu_resp_pasid_valid;
  response.pasid = 5;
  response.group = 3;
  CHECK(b.submit(response) == s::ok);
  REQUIRE(seen.size() == 3);
  CHECK(seen[0].s1contextptr == 0x9000);
  CHECK(seen[1].virt_start == 0x7000);
  CHECK(seen[2] == response);
  CHECK(b.host.busy() == base::ns(2100));
  CHECK(b.submit(map(1, 0x1000, 0x1fff)) == s::inval);
  virtio::viommu_params p;
  p.page_tables = false;
  viommu_bench without(p);
  without.device.hooks = b.device.hooks;
  CHECK(without.submit(attach_table(1, 8)) == s::unsupp);
  CHECK(seen.size() == 3);
}

TEST_CASE("what was attached before time starts is there, without hooks and requests") {
  viommu_bench b;
  CHECK(b.device.set_up(attach_table(1, 8)) == s::ok);
  CHECK(b.device.set_up(attach_table(1, 99)) == s::noent);
  CHECK(b.device.endpoints_of(1) == std::vector<std::uint32_t>{8});
  b.device.hooks.on_invalidate = [](kit::task&, const viommu_request&) { return s::ok; };
  CHECK(b.submit(invalidate(1)) == s::ok);
  CHECK(b.device.statistics().attach_table.value() == 0);
}

TEST_CASE("ATTACH_TABLE refuses what it cannot be") {
  viommu_bench b;
  b.device.hooks.on_attach_table = [](kit::task&, const viommu_request&) { return s::ok; };
  const auto status = [&](auto change) {
    viommu_request r = attach_table(1, 8);
    change(r);
    return b.submit(r);
  };
  CHECK(status([](auto& r) { r.endpoint = 99; }) == s::noent);
  CHECK(status([](auto& r) { r.domain = 65536; }) == s::range);
  CHECK(status([](auto& r) { r.format = 3; }) == s::unsupp);
  CHECK(status([](auto& r) { r.s1fmt = 3; }) == s::inval);
  CHECK(status([](auto& r) { r.s1dss = 3; }) == s::inval);
  CHECK(status([](auto& r) { r.s1cdmax = 21; }) == s::inval);
  REQUIRE(b.submit(attach(1, 8, arch::viommu_attach_bypass)) == s::ok);
  CHECK(b.submit(attach_table(1, 16)) == s::inval);
  REQUIRE(b.submit(attach(2, 16)) == s::ok);
  REQUIRE(b.submit(map(2, 0x1000, 0x1fff)) == s::ok);
  CHECK(b.submit(attach_table(2, 16)) == s::inval);
}

TEST_CASE("INVALIDATE refuses what is no range, granularity or type") {
  viommu_bench b;
  b.device.hooks.on_attach_table =
      b.device.hooks.on_invalidate = [](kit::task&, const viommu_request&) { return s::ok; };
  CHECK(b.submit(invalidate(1)) == s::noent);
  REQUIRE(b.submit(attach_table(1, 8)) == s::ok);
  const auto status = [&](auto change) {
    viommu_request r = invalidate(1);
    change(r);
    return b.submit(r);
  };
  CHECK(status([](auto& r) { r.inv_gran = 3; }) == s::inval);
  CHECK(status([](auto& r) { r.inv_type = 0; }) == s::inval);
  CHECK(status([](auto& r) { r.inv_type = 8; }) == s::inval);
  CHECK(status([](auto& r) { r.flags = 8; }) == s::inval);
  CHECK(status([](auto& r) { r.granule = 11; }) == s::range);
  CHECK(status([](auto& r) { r.pages = 0; }) == s::range);
  CHECK(status([](auto& r) { r.virt_start = 0x7800; }) == s::range);
  CHECK(status([](auto& r) { r.virt_start = 0xfffffffffffff000; }) == s::range);
  CHECK(status([](auto& r) { r.virt_start = 0xffffffffffffe000; }) == s::ok);
  CHECK(status([](auto& r) { r.inv_gran = 1, r.granule = 0, r.pages = 0; }) == s::ok);
  REQUIRE(b.submit(attach(2, 16)) == s::ok);
  CHECK(b.submit(invalidate(2)) == s::inval);
}

TEST_CASE("PAGE_RESP is for an attached endpoint, with a code that there is") {
  viommu_bench b;
  b.device.hooks.on_page_response = [](kit::task&, const viommu_request&) { return s::ok; };
  REQUIRE(b.submit(attach(1, 8)) == s::ok);
  viommu_request r = request(viommu_type::page_resp, 1, 8);
  CHECK(b.submit(r) == s::ok);
  r.code = 3;
  CHECK(b.submit(r) == s::inval);
  r.code = 2;
  r.flags = 2;
  CHECK(b.submit(r) == s::inval);
  CHECK(b.submit(request(viommu_type::page_resp, 2, 8)) == s::inval);
  CHECK(b.submit(request(viommu_type::page_resp, 1, 99)) == s::noent);
}

TEST_CASE("what a hook refuses does not happen") {
  viommu_bench b;
  s answer = s::ioerr;
  std::vector<kit::viommu_mapping> gone;
  const auto hook = [&](kit::task&, const viommu_request&) { return answer; };
  b.device.hooks.on_attach = b.device.hooks.on_detach = b.device.hooks.on_map = hook;
  b.device.hooks.on_unmap = [&](kit::task&, const viommu_request&, const auto& removed) {
    gone = removed;
    return answer;
  };
  CHECK(b.submit(attach(1, 8)) == s::ioerr);
  CHECK(b.device.domains().domains() == 0);
  answer = s::ok;
  REQUIRE(b.submit(attach(1, 8)) == s::ok);
  answer = s::fault;
  CHECK(b.submit(map(1, 0x1000, 0x1fff)) == s::fault);
  CHECK(b.device.mappings_of(1).empty());
  answer = s::ok;
  REQUIRE(b.submit(map(1, 0x1000, 0x1fff, 0x50000)) == s::ok);
  REQUIRE(b.submit(map(1, 0x2000, 0x3fff)) == s::ok);
  answer = s::deverr;
  CHECK(b.submit(unmap(1, 0, 0xffff)) == answer);
  REQUIRE(gone.size() == 2);
  CHECK(gone[0].output == 0x50000);
  CHECK(b.device.mappings_of(1).size() == 2);
  CHECK(b.submit(request(viommu_type::detach, 1, 8)) == answer);
  CHECK(b.device.endpoints_of(1).size() == 1);
  gone.clear();
  CHECK(b.submit(unmap(1, 0x8000, 0x8fff)) == s::ok);  // nothing to remove: not asked
}

TEST_CASE("no known type, or no room for the status: used length 0, and nothing is done") {
  viommu_bench b;
  const auto bytes = encode(attach(1, 8));
  CHECK(b.submit(bytes.bytes.data(), bytes.size, 3) == 255);
  CHECK(b.submit(bytes.bytes.data(), bytes.size, 0) == 255);
  CHECK(b.device.endpoints_of(1).empty());
  const std::uint8_t unknown[20] = {9};
  CHECK(b.submit(unknown, 20, 4) == 255);
  CHECK(b.submit(bytes.bytes.data(), 0, 4) == 255);
  const auto probe = encode(request(viommu_type::probe, 0, 8));
  CHECK(b.submit(probe.bytes.data(), probe.size, 515) == 255);
  CHECK(b.device.statistics().malformed.value() == 5);
  CHECK(b.submit(bytes.bytes.data(), bytes.size - 1, 4) == 4);
  CHECK(b.submit(bytes.bytes.data(), bytes.size, 64) == 0);  // more room than needed
  CHECK(b.written == 4);
}

TEST_CASE("mappings agree with a naive account of every page") {
  REQUIRE(rc::check("interval map", [] {
    virtio::viommu_params p;
    virtio::viommu_domains d(p);
    d.add_endpoint(8);
    std::vector<kit::viommu_mapping> removed;
    d.apply(attach(1, 8));
    std::vector<int> owner(32, -1);  // which mapping a page belongs to
    const auto steps = *rc::gen::inRange(1, 60);
    for (int i = 0; i < steps; ++i) {
      const auto first = *rc::gen::inRange<std::uint64_t>(0, 32);
      const auto last = *rc::gen::inRange<std::uint64_t>(first, 32);
      const bool is_map = *rc::gen::arbitrary<bool>();
      const auto r = is_map ? map(1, first << 12, (last << 12) + 4095)
                            : unmap(1, first << 12, (last << 12) + 4095);
      s expected = s::ok;
      for (std::size_t page = first; page <= last; ++page) {
        if (owner[page] < 0) continue;
        if (is_map) {
          expected = s::inval;
        } else {
          const bool before = first > 0 && owner[first - 1] == owner[page];
          const bool after = last < 31 && owner[last + 1] == owner[page];
          if (before || after) expected = s::range;
        }
      }
      if (d.check(r, removed) != expected) return false;
      if (expected != s::ok) continue;
      d.apply(r);
      for (std::size_t page = first; page <= last; ++page) owner[page] = is_map ? i : -1;
      for (std::size_t page = 0; page < 32; ++page) {
        if ((d.find(1, page << 12) != nullptr) != (owner[page] >= 0)) return false;
      }
    }
    return true;
  }));
}
