#include "workloads/generator.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "test_files.h"
#include "workloads/convert.h"

using namespace svasim;
using workloads::access_pattern;
using workloads::generator;
using workloads::generator_params;
using workloads::test::read_all;
using workloads::test::scratch;

namespace {

std::vector<std::uint64_t> offsets_of(const generator_params& p) {
  generator g(p);
  std::vector<std::uint64_t> out;
  for (const trace::record& r : read_all(g)) {
    out.push_back(r.address.value() - p.address.value());
  }
  return out;
}

std::string error_of_workload(const std::string& json) {
  const scratch dir;
  try {
    workloads::read_workload(dir.file("w.json", json));
  } catch (const base::input_error& e) {
    return dir.without_directory(e.what());
  }
  return "";
}

}  // namespace

TEST_CASE("sequential runs through the footprint and begins again") {
  generator_params p;
  p.pattern = access_pattern::sequential;
  p.footprint = base::bytes(192);
  p.accesses = 7;
  CHECK(offsets_of(p) == std::vector<std::uint64_t>{0, 64, 128, 0, 64, 128, 0});
}

TEST_CASE("strided steps by the stride and wraps at the footprint") {
  generator_params p;
  p.pattern = access_pattern::strided;
  p.footprint = base::kib(12);
  p.stride = base::kib(8);
  p.accesses = 5;
  CHECK(offsets_of(p) == std::vector<std::uint64_t>{0, 8192, 4096, 0, 8192});
}

TEST_CASE("random touches every part of the footprint about equally and nothing else") {
  generator_params p;
  p.footprint = base::kib(64);
  p.length = base::kib(4);
  p.accesses = 160000;
  std::map<std::uint64_t, unsigned> hits;
  for (const std::uint64_t offset : offsets_of(p)) ++hits[offset];
  REQUIRE(hits.size() == 16);
  for (const auto& [offset, n] : hits) {
    CHECK(offset % 4096 == 0);
    CHECK(offset < 65536);
    CHECK(n > 9500);  // five standard deviations from 10000
    CHECK(n < 10500);
  }
}

TEST_CASE("hot_cold gives the cold footprint its share, behind the hot one") {
  generator_params p;
  p.pattern = access_pattern::hot_cold;
  p.footprint = base::bytes(6144);  // the cold part begins at the next page
  p.cold_footprint = base::mib(1);
  p.cold_ppm = 100000;
  p.accesses = 100000;
  std::uint64_t cold = 0;
  for (const std::uint64_t offset : offsets_of(p)) {
    const bool hot = offset < 6144;
    CHECK((hot || (offset >= 8192 && offset < 8192 + (1 << 20))));
    cold += hot ? 0 : 1;
  }
  CHECK(cold > 9500);
  CHECK(cold < 10500);
}

TEST_CASE("the share of writes is kept, also at its ends") {
  const auto writes = [](std::uint32_t ppm) {
    generator_params p;
    p.accesses = 100000;
    p.write_ppm = ppm;
    generator g(p);
    std::uint64_t n = 0;
    for (const trace::record& r : read_all(g)) n += r.write ? 1 : 0;
    return n;
  };
  CHECK(writes(0) == 0);
  CHECK(writes(1000000) == 100000);
  CHECK(writes(300000) > 29200);
  CHECK(writes(300000) < 30800);
}

TEST_CASE("streams take turns, and no two of them lead to the same output") {
  generator_params p;
  p.streams = 3;
  p.first_stream = 0x10;
  p.first_asid = 4;
  p.footprint = base::mib(3);
  p.mapping = workloads::mapping_size::block_2m;
  p.accesses = 10001;
  p.interval = base::ns(10);
  generator g(p);
  const trace::summary about = g.about();
  REQUIRE(about.regions.size() == 3);
  std::map<std::uint32_t, std::uint64_t> count;
  std::uint64_t i = 0;
  for (const trace::record& r : read_all(g)) {
    CHECK(r.sid == base::stream_id(static_cast<std::uint32_t>(0x10 + i % 3)));
    CHECK(r.time == base::ns(10 * i));
    CHECK(r.line == ++i);
    ++count[r.sid.value()];
    const trace::region& region = about.regions.at(r.sid.value() - 0x10);
    const std::uint64_t into = r.address - region.address;
    CHECK(into < region.size.value());
    CHECK(r.output == region.output + into);
  }
  for (std::size_t s = 0; s < 3; ++s) {
    CHECK(about.regions[s].size == base::mib(4));
    CHECK(about.regions[s].output % base::mib(2).value() == 0);
    if (s > 0) CHECK(about.regions[s].output == about.regions[s - 1].output + base::mib(4).value());
    CHECK(about.streams.at(s).asid == base::asid(static_cast<std::uint16_t>(4 + s)));
    CHECK(about.streams.at(s).accesses == count.at(about.streams[s].sid.value()));
  }
  CHECK(about.length == base::ns(100000));
  CHECK(about.page_size == base::mib(2));
  CHECK(about.lines == 10001);
}

TEST_CASE("fill gives the same records as next, in pieces of any size") {
  REQUIRE(rc::check([] {
    generator_params p;
    p.accesses = 1000;
    p.pattern = access_pattern::hot_cold;
    p.write_ppm = 500000;
    p.seed = *rc::gen::arbitrary<std::uint64_t>();
    generator one(p);
    generator many(p);
    const auto expected = read_all(one);
    std::vector<trace::record> piece(*rc::gen::inRange<std::size_t>(1, 1500));
    std::size_t at = 0;
    while (const std::size_t n = many.fill(piece.data(), piece.size())) {
      for (std::size_t i = 0; i < n; ++i, ++at) {
        if (piece[i].address != expected.at(at).address || piece[i].write != expected[at].write ||
            piece[i].line != expected[at].line) {
          return false;
        }
      }
    }
    return at == expected.size();
  }));
}

TEST_CASE("the seed decides, and the digest tells workloads apart") {
  generator_params a;
  a.accesses = 1000;
  generator_params b = a;
  CHECK(offsets_of(a) == offsets_of(b));
  CHECK(generator(a).about().digest == generator(b).about().digest);
  b.seed = 2;
  CHECK(offsets_of(a) != offsets_of(b));
  CHECK(generator(a).about().digest != generator(b).about().digest);
}

TEST_CASE("a generated workload can be written and replayed as a trace") {
  const scratch dir;
  generator_params p;
  p.accesses = 1000;
  p.mapping = workloads::mapping_size::block_2m;
  for (const auto format : {workloads::trace_format::csv, workloads::trace_format::svt}) {
    generator g(p);
    workloads::convert(g, dir.path("t"), format);
    const auto back = workloads::open_trace(dir.path("t"));
    CHECK(back->about().page_size == base::mib(2));
    CHECK(back->about().accesses == 1000);
    CHECK(back->about().streams.at(0).asid == base::asid(1));
    CHECK(back->about().lazy == false);
    CHECK(read_all(*back).size() == 1000);
  }
}

TEST_CASE("the example workloads are good") {
  for (const char* name : {"random_4k", "hot_cold", "sequential_2m"}) {
    CAPTURE(name);
    const auto p =
        workloads::read_workload(std::string(SVASIM_SOURCE_DIR "/workloads/") + name + ".json");
    generator g(p);
    trace::record r;
    CHECK(g.next(r));
    CHECK(r.has_output);
  }
}

TEST_CASE("a workload that cannot be made says why") {
  CHECK(error_of_workload(R"({"length": "96B"})") == "w.json:1:12: length: 96B is no power of two");
  CHECK(error_of_workload(R"({"footprint": "100B"})") ==
        "w.json:1:15: footprint: 100B is no multiple of 64B");
  CHECK(error_of_workload(R"({"pattern": "strided", "footprint": "4KiB", "stride": "8KiB"})") ==
        "w.json:1:55: stride: the stride is above the footprint");
  CHECK(error_of_workload(R"({"page_size": "2MiB", "address": "4KiB"})") ==
        "w.json:1:34: address: the address is no multiple of 2MiB");
  CHECK(error_of_workload(R"({"address": "262143GiB", "footprint": "2GiB"})") ==
        "w.json:1:13: address: the footprint ends above 2^48");
  CHECK(error_of_workload(R"({"streams": 4096, "footprint": "1TiB"})") != "");
  CHECK(error_of_workload(R"({"streams": 2, "first_stream": 4294967295})") ==
        "w.json:1:32: first_stream: the last StreamID is above 32 bits");
  CHECK(error_of_workload(R"({"streams": 2, "first_asid": 65535})") ==
        "w.json:1:30: first_asid: the last ASID is above 16 bits");
  CHECK(error_of_workload(R"({"accesses": 1000000000000, "interval": "100us"})") ==
        "w.json:1:41: interval: the last access comes after more than 200 days");
}
