// What is written as CSV or .svt is read back the same; memory stays flat; reading is fast.
#include <rapidcheck.h>
#include <sys/resource.h>

#include <catch2/catch.hpp>

#include "test_files.h"
#include "workloads/convert.h"
#include "workloads/svt_reader.h"
#include "workloads/svt_writer.h"

using namespace svasim;
using workloads::trace_format;
using workloads::test::scratch;

namespace {

class list_source final : public trace::source {
 public:
  explicit list_source(std::vector<trace::record> records) : m_records(std::move(records)) {}
  bool next(trace::record& out) override {
    if (m_at == m_records.size()) return false;
    out = m_records[m_at++];
    return true;
  }
  const trace::summary& about() const override { return m_summary; }
  trace::summary& edit() { return m_summary; }

 private:
  std::vector<trace::record> m_records;
  trace::summary m_summary;
  std::size_t m_at = 0;
};

// Few streams and small steps as often as any value at all.
template <class Value>
Value either(std::uint64_t small) {
  return *rc::gen::oneOf(rc::gen::inRange<Value>(0, static_cast<Value>(small)),
                         rc::gen::arbitrary<Value>());
}

void make_access(trace::record& r) {
  r.sid = base::stream_id(either<std::uint32_t>(3));
  r.has_ssid = *rc::gen::arbitrary<bool>();
  if (r.has_ssid) r.ssid = base::substream_id(*rc::gen::inRange<std::uint32_t>(0, 1 << 20));
  r.write = *rc::gen::arbitrary<bool>();
  r.length = *rc::gen::inRange<std::uint32_t>(1, 5000);
  r.address = base::iova(either<std::uint64_t>(1 << 16) & ~std::uint64_t{0xffff});
  r.has_output = *rc::gen::arbitrary<bool>();
  if (r.has_output) r.output = either<std::uint64_t>(1 << 16);
  r.permission = *rc::gen::inRange<std::uint8_t>(0, 4);
  r.repeats = either<std::uint32_t>(3);
}

void make_request(trace::record& r) {
  r.request = static_cast<trace::request_type>(*rc::gen::inRange<int>(1, 5));
  r.domain = *rc::gen::arbitrary<std::uint32_t>();
  if (r.request == trace::request_type::attach || r.request == trace::request_type::detach) {
    r.sid = base::stream_id(*rc::gen::arbitrary<std::uint32_t>());
    return;
  }
  r.address = base::iova(*rc::gen::arbitrary<std::uint64_t>());
  r.last = r.address.value() + *rc::gen::inRange<std::uint64_t>(0, 1 << 20);
  if (r.last < r.address.value()) r.last = ~std::uint64_t{0};
  if (r.request == trace::request_type::unmap) return;
  r.output = *rc::gen::arbitrary<std::uint64_t>();
  r.permission = *rc::gen::inRange<std::uint8_t>(0, 8);
}

void make_leaf(trace::record& r) {
  r.asid = base::asid(*rc::gen::arbitrary<std::uint16_t>());
  r.vmid = base::vmid(*rc::gen::arbitrary<std::uint16_t>());
  r.level = *rc::gen::inRange<std::uint8_t>(0, 4);
  r.granule_shift = static_cast<std::uint8_t>(12 + 2 * *rc::gen::inRange<int>(0, 3));
  const unsigned shift = r.granule_shift + (3u - r.level) * (r.granule_shift - 3u);
  r.address = base::iova(*rc::gen::arbitrary<std::uint64_t>()).page_base(shift);
}

std::vector<trace::record> make_records() {
  std::vector<trace::record> out;
  base::duration now = base::ps(either<std::uint64_t>(10) >> 1);
  for (std::size_t n = *rc::gen::inRange<std::size_t>(0, 60); n > 0; --n) {
    trace::record r;
    r.kind = static_cast<trace::record_kind>(*rc::gen::inRange<int>(0, 5));
    now += base::ps(*rc::gen::inRange<std::uint64_t>(0, 1 << 30));
    r.time = now;
    if (r.kind == trace::record_kind::access) make_access(r);
    if (r.kind == trace::record_kind::leaf) make_leaf(r);
    if (r.kind == trace::record_kind::request) make_request(r);
    if (r.kind == trace::record_kind::command) {
      r.command = {*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::arbitrary<std::uint64_t>()};
    }
    if (r.kind == trace::record_kind::event) {
      r.sid = base::stream_id(*rc::gen::arbitrary<std::uint32_t>());
      r.event = *rc::gen::arbitrary<std::uint8_t>();
    }
    out.push_back(r);
  }
  return out;
}

bool same(const trace::record& a, const trace::record& b) {
  return a.kind == b.kind && a.time == b.time && a.sid == b.sid && a.ssid == b.ssid &&
         a.has_ssid == b.has_ssid && a.write == b.write && a.length == b.length &&
         a.address == b.address && a.output == b.output && a.has_output == b.has_output &&
         a.permission == b.permission && a.command == b.command && a.asid == b.asid &&
         a.vmid == b.vmid && a.level == b.level && a.granule_shift == b.granule_shift &&
         a.event == b.event && a.repeats == b.repeats && a.request == b.request &&
         a.domain == b.domain && a.last == b.last;
}

bool same(const std::vector<trace::record>& a, const std::vector<trace::record>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return same(x, y); });
}

bool survives(const scratch& dir, const std::vector<trace::record>& records, trace_format format) {
  list_source from(records);
  workloads::convert(from, dir.path("t"), format);
  return same(workloads::test::read_all(*workloads::open_trace(dir.path("t"))), records);
}

std::vector<trace::record> long_trace(std::size_t n) {
  std::vector<trace::record> out(n);
  for (std::size_t i = 0; i < n; ++i) {
    out[i].time = base::ns(7 * i);
    out[i].sid = base::stream_id(static_cast<std::uint32_t>(i % 8));
    out[i].address = base::iova(i / 8 * 64);
    out[i].length = 64;
  }
  return out;
}

}  // namespace

TEST_CASE("any records written as CSV are read back the same") {
  const scratch dir;
  REQUIRE(rc::check([&] { return survives(dir, make_records(), trace_format::csv); }));
}

TEST_CASE("any records written as .svt are read back the same") {
  const scratch dir;
  REQUIRE(rc::check([&] { return survives(dir, make_records(), trace_format::svt); }));
}

TEST_CASE("a .svt file may have any number of records around the size of its blocks") {
  const scratch dir;
  const std::size_t block = workloads::svt::records_per_block;
  for (const std::size_t n : {std::size_t{0}, block - 1, block, block + 1, 3 * block + 5}) {
    CAPTURE(n);
    CHECK(survives(dir, long_trace(n), trace_format::svt));
    const workloads::svt_reader reader(dir.path("t"));
    CHECK(reader.index().size() == (n + block - 1) / block);
    CHECK(reader.about().lines == n);
  }
}

TEST_CASE("a log keeps its records and its summary through .svt and CSV") {
  const scratch dir;
  for (const char* name :
       {"boot_probe_attach_strict.qemu.log.gz", "nvme_vfio_guest_2m_blocks.qemu.log.gz",
        "dma_to_unmapped.qemu.log.gz", "igb_tcp_rx_lazy.qemu.log.gz",
        "nvme_randrw_k612_strict.qemu.log.gz", "virtio_iommu_boot_probe_attach.qemu.log.gz",
        "virtio_iommu_virtio_net_tcp_rx.qemu.log.gz", "app_sqlite.lackey.gz",
        "app_sqlite.pages.txt.gz"}) {
    CAPTURE(name);
    const std::string log = std::string(SVASIM_SOURCE_DIR "/workloads/traces/") + name;
    const auto records = workloads::test::read_all(*workloads::open_trace(log));
    const auto a = workloads::open_trace(log)->about();
    for (const auto format : {trace_format::svt, trace_format::csv}) {
      const auto from = workloads::open_trace(log);
      workloads::convert(*from, dir.path("t"), format);
      const auto back = workloads::open_trace(dir.path("t"));
      const trace::summary& b = back->about();
      CHECK(b.format == (format == trace_format::svt ? "svt" : "csv"));
      CHECK(a.accesses == b.accesses);
      CHECK(a.runs == b.runs);
      CHECK(a.requests_by_type == b.requests_by_type);
      CHECK(a.requests == b.requests);
      CHECK(a.commands_by_opcode == b.commands_by_opcode);
      CHECK(a.events == b.events);
      CHECK(a.leaves == b.leaves);
      CHECK(a.length == b.length);
      CHECK(a.granule_shift == b.granule_shift);
      CHECK(a.lazy == b.lazy);
      REQUIRE(a.streams.size() == b.streams.size());
      for (std::size_t i = 0; i < a.streams.size(); ++i) {
        CHECK(a.streams[i].sid == b.streams[i].sid);
        CHECK(a.streams[i].asid == b.streams[i].asid);
        CHECK(a.streams[i].has_domain == b.streams[i].has_domain);
        CHECK(a.streams[i].domain == b.streams[i].domain);
        CHECK(a.streams[i].accesses == b.streams[i].accesses);
      }
      CHECK(same(workloads::test::read_all(*back), records));
    }
  }
}

TEST_CASE("writing the same records twice gives the same bytes and digest") {
  const scratch dir;
  for (const auto format : {trace_format::csv, trace_format::svt}) {
    list_source first(long_trace(100000));
    list_source second(long_trace(100000));
    workloads::convert(first, dir.path("a"), format);
    workloads::convert(second, dir.path("b"), format);
    CHECK(base::read_file(dir.path("a")) == base::read_file(dir.path("b")));
    CHECK(workloads::open_trace(dir.path("a"))->about().digest ==
          workloads::open_trace(dir.path("b"))->about().digest);
  }
}

TEST_CASE("a CSV trace may be written by hand") {
  const scratch dir;
  const auto source = workloads::open_trace(dir.file("t",
                                                     "#svasim-trace v1\r\n"
                                                     "#granule,14\n"
                                                     "#page_size,33554432\n"
                                                     "#stream,0x8,asid=7,vmid=2\n"
                                                     "\n"
                                                     "# a comment, with commas\n"
                                                     "0,A,8,0x3,0x4000,64,W,,\n"
                                                     "1.5us,A,8,,0x4000,64,R,0x8000,1\n"));
  const trace::summary& s = source->about();
  CHECK(s.granule_shift == 14);
  CHECK(s.page_size == base::mib(32));
  REQUIRE(s.streams.size() == 1);
  CHECK(s.streams[0].asid == base::asid(7));
  CHECK(s.streams[0].vmid == base::vmid(2));
  const auto r = workloads::test::read_all(*source);
  CHECK(r.at(0).has_ssid);
  CHECK(r.at(0).ssid == base::substream_id(3));
  CHECK(r.at(0).permission == 3);
  CHECK_FALSE(r.at(0).has_output);
  CHECK(r.at(1).time == base::ns(1500));
  CHECK(r.at(1).output == 0x8000);
  CHECK(r.at(1).line == 8);
}

TEST_CASE("the example in workloads/README.md is a good trace") {
  const scratch dir;
  const std::string readme = base::read_file(SVASIM_SOURCE_DIR "/workloads/README.md");
  const auto start = readme.find("```\n#svasim-trace v1") + 4;
  const auto example = readme.substr(start, readme.find("```", start) - start);
  const auto source = workloads::open_trace(dir.file("t", example));
  CHECK(source->about().accesses == 2 + 8);
  CHECK(source->about().runs == 3);
  CHECK(source->about().requests == 1);
  CHECK(source->about().streams.at(1).domain == 1);
  CHECK(source->about().page_size == base::mib(2));
  CHECK(workloads::test::read_all(*source).size() == 7);
}

TEST_CASE("the name of a file says which format to write") {
  CHECK(workloads::format_of("a.csv") == trace_format::csv);
  CHECK(workloads::format_of("b/a.svt") == trace_format::svt);
  CHECK_FALSE(workloads::format_of("a.log"));
  CHECK_FALSE(workloads::format_of(".csv"));
}

TEST_CASE("memory does not grow with the length of a trace") {
  const scratch dir;
  const auto peak = [] {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;  // KiB
  };
  const auto pass = [&](std::size_t n, trace_format format) {
    workloads::svt_writer writer(dir.path("t.svt"));
    trace::record r;
    r.length = 64;
    for (std::size_t i = 0; i < n; ++i) {
      r.time = base::ns(i);
      r.address = base::iova(i * 0x9e3779b97f4a7c15u & ~std::uint64_t{0xfff});
      r.has_output = true;
      r.output = r.address.value();
      writer.add(r);
    }
    writer.commit({});
    const auto from = workloads::open_trace(dir.path("t.svt"));
    workloads::convert(*from, dir.path("t"), format);
    const auto back = workloads::open_trace(dir.path("t"));
    std::size_t records = 0;
    while (back->next(r)) ++records;
    CHECK(records == n);
  };
  for (const auto format : {trace_format::csv, trace_format::svt}) {
    pass(200000, format);
    [[maybe_unused]] const auto before = peak();
    pass(1000000, format);
    // 800000 records more would take 70 MiB. AddressSanitizer holds freed memory back, so that
    // its peak says nothing.
#ifndef __SANITIZE_ADDRESS__
    CHECK(peak() - before < 16 << 10);
#endif
  }
}
