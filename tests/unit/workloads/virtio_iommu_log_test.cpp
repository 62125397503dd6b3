// What each line of a QEMU log of virtio-iommu events becomes.
#include <catch2/catch.hpp>

#include "test_files.h"

using namespace svasim;
using trace::record_kind;
using trace::request_type;
using workloads::test::error_of;
using workloads::test::scratch;

namespace {

// Lines a microsecond apart.
std::string log_of(const std::vector<std::string>& lines) {
  std::string out;
  unsigned us = 1;
  for (const std::string& l : lines) {
    out += "27598@1795368347." + std::to_string(100000 + us++) + ":" + l + "\n";
  }
  return out;
}

std::vector<trace::record> records_of(const std::vector<std::string>& lines) {
  const scratch dir;
  return workloads::test::read_all(*workloads::open_trace(dir.file("x.log", log_of(lines))));
}

trace::summary summary_of(const std::vector<std::string>& lines) {
  const scratch dir;
  return workloads::open_trace(dir.file("x.log", log_of(lines)))->about();
}

std::string map(int domain, const std::string& first, const std::string& last,
                const std::string& output, const std::string& flags = "3") {
  return "virtio_iommu_map domain=" + std::to_string(domain) + " virt_start=" + first +
         " virt_end=" + last + " phys_start=" + output + " flags=" + flags;
}

std::string asked(const std::string& rid, const std::string& address, const std::string& flag) {
  return "virtio_iommu_translate mr=virtio-iommu-memory-region-1-8 rid=" + rid +
         " addr=" + address + " flag=" + flag;
}

std::string answer(const std::string& address, const std::string& output, const std::string& sid) {
  return "virtio_iommu_translate_out " + address + " -> " + output + " for sid=" + sid;
}

const std::string unmap_line =
    "virtio_iommu_unmap domain=1 virt_start=0xfffbf000 virt_end=0xfffc0fff";

}  // namespace

TEST_CASE("a translation becomes an access with the direction that was asked for") {
  const auto r =
      records_of({asked("8", "0xfffc0040", "2"), answer("0xfffc0040", "0x48ff0040", "8"),
                  asked("8", "0xfffc0ff0", "1"), answer("0xfffc0ff0", "0x48ff0ff0", "8")});
  REQUIRE(r.size() == 2);
  CHECK(r[0].kind == record_kind::access);
  CHECK(r[0].sid == base::stream_id(8));
  CHECK(r[0].address == base::iova(0xfffc0040));
  CHECK(r[0].output == 0x48ff0040);
  CHECK(r[0].has_output);
  CHECK(r[0].write);
  CHECK(r[0].length == 64);
  CHECK(r[0].line == 2);
  CHECK_FALSE(r[1].write);
  CHECK(r[1].length == 16);  // cut at the end of its page
  CHECK(r[1].time == base::us(2));
}

TEST_CASE("a result without its question, or behind that of another, counts as a read") {
  const auto r = records_of({answer("0x1000", "0x2000", "8"), asked("16", "0x1000", "2"),
                             answer("0x1000", "0x2000", "8"), asked("8", "0x3000", "2"),
                             answer("0x1000", "0x2000", "8")});
  REQUIRE(r.size() == 3);
  for (const trace::record& access : r) CHECK_FALSE(access.write);
}

TEST_CASE("a question without a result is an access that was not translated") {
  const auto s = summary_of({asked("8", "0x8090040", "2"), asked("8", "0x1000", "1"),
                             answer("0x1000", "0x2000", "8"), asked("8", "0x8090040", "2")});
  CHECK(s.format == "qemu-virtio-iommu");
  CHECK(s.accesses == 1);
  CHECK(s.untranslated == 2);
}

TEST_CASE("attach, detach, map and unmap become requests, and what the device did about them not") {
  const auto r = records_of({"virtio_iommu_attach domain=1 endpoint=8",
                             map(1, "0xfffbf000", "0xfffc0fff", "0x4fa81000", "6"), unmap_line,
                             "virtio_iommu_unmap_done domain=1 virt_start=0xfffbf000 "
                             "virt_end=0xfffbffff",
                             "virtio_iommu_get_endpoint Alloc endpoint=16",
                             "virtio_iommu_detach domain=1 endpoint=8"});
  REQUIRE(r.size() == 4);
  for (const trace::record& request : r) {
    CHECK(request.kind == record_kind::request);
    CHECK(request.domain == 1);
  }
  CHECK(r[0].request == request_type::attach);
  CHECK(r[0].sid == base::stream_id(8));
  CHECK(r[1].request == request_type::map);
  CHECK(r[1].address == base::iova(0xfffbf000));
  CHECK(r[1].last == 0xfffc0fff);
  CHECK(r[1].output == 0x4fa81000);
  CHECK(r[1].permission == 6);
  CHECK(r[2].request == request_type::unmap);
  CHECK(r[2].address == base::iova(0xfffbf000));
  CHECK(r[2].last == 0xfffc0fff);
  CHECK(r[3].request == request_type::detach);
  CHECK(r[3].sid == base::stream_id(8));
}

TEST_CASE("domains and endpoints above 2^31 are printed below zero and read as what they are") {
  const auto r = records_of(
      {"virtio_iommu_attach domain=-1 endpoint=-2147483648", answer("0x1000", "0x2000", "-256")});
  REQUIRE(r.size() == 2);
  CHECK(r[0].domain == 0xffffffff);
  CHECK(r[0].sid == base::stream_id(0x80000000));
  CHECK(r[1].sid == base::stream_id(0xffffff00));
}

TEST_CASE("a stream belongs to the domain it was attached to, else to that of its mappings") {
  const auto s =
      summary_of({"virtio_iommu_attach domain=7 endpoint=8", answer("0x1000", "0x2000", "8"),
                  map(3, "0x10000", "0x1ffff", "0x50000"), map(4, "0x10000", "0x1ffff", "0x90000"),
                  answer("0x12000", "0x92000", "16"), answer("0x12000", "0x52000", "24")});
  REQUIRE(s.streams.size() == 3);
  CHECK(s.streams[0].domain == 7);
  CHECK(s.streams[1].domain == 4);
  CHECK(s.streams[2].domain == 3);
  for (const trace::stream_tag& t : s.streams) CHECK(t.has_domain);
}

TEST_CASE("a stream without attach and mapping gets the domain that requests name most") {
  const std::vector<std::string> lines = {map(2, "0x1000", "0x1fff", "0x5000"), unmap_line,
                                          unmap_line, answer("0x9000", "0x9000", "8")};
  CHECK(summary_of(lines).streams.at(0).domain == 1);
}

TEST_CASE("without a request no stream has a domain") {
  const auto s = summary_of({answer("0x1000", "0x2000", "8")});
  CHECK_FALSE(s.streams.at(0).has_domain);
}

TEST_CASE("a page that leads elsewhere without an unmap in between makes the log lazy") {
  const std::string before = answer("0xfffc0000", "0x2000", "8");
  const std::string after = answer("0xfffc0000", "0x7000", "8");
  CHECK(summary_of({before, after}).lazy);
  CHECK_FALSE(summary_of({before, unmap_line, after}).lazy);
}

TEST_CASE("the granule is the smallest page of the configuration") {
  const std::string config = "virtio_iommu_get_config page_size_mask=";
  CHECK(summary_of({config + "0xffffffffffff0000 input"}).granule_shift == 16);
  CHECK(summary_of({config + "0xfffffffffffff000 input"}).granule_shift == 12);
}

TEST_CASE("the first event of an IOMMU tells which one a QEMU log is of") {
  const std::string other = "pci_nvme_read cid 832 nsid 1";
  CHECK(summary_of({other, other, unmap_line}).format == "qemu-virtio-iommu");
  CHECK(summary_of({other, "smmuv3_cmdq_tlbi_nsnh", unmap_line}).format == "qemu-smmuv3");
}

TEST_CASE("a bad operand of a virtio-iommu line names its column") {
  const auto check = [](const std::string& line, const std::string& expected) {
    const scratch dir;
    INFO(line);
    CHECK(error_of(dir, dir.file("t", log_of({unmap_line, line}))) == "t:2:" + expected);
  };
  check("virtio_iommu_attach endpoint=8", "44: no \"domain=\" in the line");
  check("virtio_iommu_attach domain=4294967296 endpoint=8", "52: 4294967296 is above 4294967295");
  check("virtio_iommu_detach domain=1", "53: no \"endpoint=\" in the line");
  check("virtio_iommu_attach domain=1 endpoint=-2147483649", "64: 2147483649 is above 2147483648");
  check("virtio_iommu_map domain=1 virt_start=0x2000 virt_end=0x1fff phys_start=0 flags=3",
        "78: the range ends before it begins, at 0x2000");
  check("virtio_iommu_map domain=1 virt_start=0x1000 virt_end=0x1fff flags=3",
        "84: no \"phys_start=\" in the line");
  check(map(1, "0x1000", "0x1fff", "0", "8"), "104: 8 is above 7");
  check("virtio_iommu_unmap domain=1 virt_start=x", "64: expected a number, not \"x\"");
  check("virtio_iommu_translate_out 0x1000 for sid=8", "58: no \"-> \" in the line");
  check("virtio_iommu_translate_out 0x1000 -> 0x2000", "68: no \"for sid=\" in the line");
  check("virtio_iommu_translate mr=x rid=8 addr=0 flag=4", "71: 4 is above 3");
}
