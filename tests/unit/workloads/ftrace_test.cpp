// Linux ftrace text by itself: what each event becomes, in every envelope, and every refusal.
#include <catch2/catch.hpp>

#include "test_files.h"

using namespace svasim;
using workloads::test::error_of;
using workloads::test::scratch;
using workloads::test::texts_of;
using lines = std::vector<std::string>;

namespace {

// An event of the task `pid` at `us` microseconds.
std::string at(unsigned us, const std::string& event, unsigned pid = 7) {
  return fmt::format("            fio-{:<7} [001] d.h1.    12.{:06}: {}\n", pid, us, event);
}

const std::string map_4k =
    "map: IOMMU: iova=0x00000000fffbc000 - 0x00000000fffbd000 paddr=0x00000000500f7000 size=4096";
const std::string unmap_4k =
    "unmap: IOMMU: iova=0x00000000fffbc000 - 0x00000000fffbd000 size=4096 unmapped_size=4096";
const std::string dma_from =
    "dma_map_page: 0000:00:01.0 dir=FROM_DEVICE dma_addr=fffbc840 size=1522 phys_addr=500f7840 "
    "attrs=";
const std::string dma_to =
    "dma_map_page: 0000:00:02.1 dir=TO_DEVICE dma_addr=fffbc100 size=66 phys_addr=500f7100 attrs=";

lines read(const std::string& text) {
  const scratch dir;
  return texts_of(dir.file("t", text));
}

void check_error(const std::string& text, const std::string& expected) {
  const scratch dir;
  CHECK(error_of(dir, dir.file("t", text)) == expected);
}

}  // namespace

TEST_CASE("what a device may read it reads when it was mapped, whole and once") {
  CHECK(read(at(10, map_4k) + at(11, dma_to) + at(20, "nvme_complete_rq: nvme0: qid=1") +
             at(30, "block_rq_issue: 259,0 R 4096 () 1 + 8 [fio]") + at(40, unmap_4k)) ==
        lines{"0 11 R fffbc100+66->500f7100", "10000 C 1000000000012 fffbc001", "10000 C 46 0"});
}

TEST_CASE("what a device may write it has written when it is unmapped, before the invalidation") {
  CHECK(read(at(10, map_4k) + at(11, dma_from) + at(40, unmap_4k) +
             at(41,
                "dma_unmap_page: 0000:00:01.0 dir=FROM_DEVICE dma_addr=fffbc840 size=1522 "
                "attrs=")) ==
        lines{"0 8 W fffbc840+1522->500f7840", "0 C 1000000000012 fffbc001", "0 C 46 0"});
}

TEST_CASE("a DMA both ways is read first and written at the end") {
  std::string both = dma_from;
  both.replace(both.find("FROM_DEVICE"), 11, "BIDIRECTIONAL");
  CHECK(read(at(10, map_4k) + at(11, both) + at(40, unmap_4k)) ==
        lines{"0 8 R fffbc840+1522->500f7840", "0 8 W fffbc840+1522->500f7840",
              "0 C 1000000000012 fffbc001", "0 C 46 0"});
}

TEST_CASE("an NVMe command before, or a block request behind the mapping tells the direction") {
  const lines written{"0 8 W fffbc000+4096->500f7000", "0 C 1000000000012 fffbc001", "0 C 46 0"};
  const std::string nvme =
      "nvme_setup_cmd: nvme0: disk=nvme0c0n1, qid=1, cmdid=192, nsid=1, flags=0x0, meta=0x0, "
      "cmd=(nvme_cmd_read slba=63240, len=7, ctrl=0x0)";
  const std::string block = "block_rq_issue: 259,0 RA 4096 () 63240 + 8 be,0,4 [fio]";
  CHECK(read(at(1, nvme) + at(2, map_4k) + at(3, unmap_4k)) == written);
  CHECK(read(at(2, map_4k) + at(3, block) + at(4, unmap_4k)) == written);
  // Of another task: says nothing about this mapping.
  CHECK(read(at(1, nvme, 8) + at(2, map_4k) + at(3, block, 9) + at(4, unmap_4k)).size() == 2);
  const std::string flushing_write = "block_rq_issue: 259,0 FWS 4096 () 63240 + 8 [fio]";
  CHECK(read(at(2, map_4k) + at(3, flushing_write) + at(4, unmap_4k)).front() ==
        "0 8 R fffbc000+4096->500f7000");
}

TEST_CASE("a mapping of which no event tells the direction is not accessed") {
  const std::string guest =
      "map: IOMMU: iova=0x0000000080000000 - 0x00000000a8000000 paddr=0x0000000058e00000 "
      "size=671088640";
  const std::string gone =
      "unmap: IOMMU: iova=0x0000000080000000 - 0x00000000a8000000 size=671088640 "
      "unmapped_size=671088640";
  // 163840 pages = 5 * 2^15: one command, as Linux gives it.
  CHECK(read(at(1, guest) + at(2, gone)) == lines{"0 C 1000000f04012 80000401", "0 C 46 0"});
}

TEST_CASE("a mapping that is unmapped in parts is written in parts") {
  const std::string map =
      "map: IOMMU: iova=0x0000000000010000 - 0x0000000000013000 paddr=0x0000000000200000 "
      "size=12288";
  const std::string dma =
      "dma_map_page: 0000:00:01.0 dir=FROM_DEVICE dma_addr=10800 size=10240 phys_addr=200800 "
      "attrs=";
  const auto unmap = [](unsigned first, unsigned size) {
    return fmt::format("unmap: IOMMU: iova={:#x} - {:#x} size={} unmapped_size={}", first,
                       first + size, size, size);
  };
  CHECK(read(at(1, map) + at(2, dma) + at(3, unmap(0x11000, 4096)) + at(4, unmap(0x10000, 4096)) +
             at(5, unmap(0x12000, 4096))) ==
        lines{"0 8 W 11000+4096->201000", "0 C 1000000000012 11001", "0 C 46 0",
              "1000 8 W 10800+2048->200800", "1000 C 1000000000012 10001", "1000 C 46 0",
              "2000 8 W 12000+4096->202000", "2000 C 1000000000012 12001", "2000 C 46 0"});
}

TEST_CASE("a list of segments is one mapping each, joined ones without outputs of their own") {
  const std::string map =
      "map: IOMMU: iova=0x0000000000ff0000 - 0x0000000000ff2000 paddr=0x0000000000001000 size=8192";
  const std::string list =
      "dma_map_sg: 0000:01:00.0 dir=TO_DEVICE nents=2/2 ents=1/1 dma_addrs={0xff0000} "
      "sizes={0x1800} phys_addrs={0x1000,0x9000} attrs=SKIP_CPU_SYNC";
  CHECK(read(at(1, map) + at(2, list) + at(9, "nvme_setup_cmd: nvme0: cmd=(nvme_cmd_flush )")) ==
        lines{"0 100 R ff0000+4096->1000", "0 100 R ff1000+2048->2000"});
}

TEST_CASE("a sync is an access to what stays mapped") {
  const std::string sync = ": 0000:00:01.0 dir=FROM_DEVICE dma_addr=fffbc840 size=64";
  CHECK(read(at(10, map_4k) + at(11, dma_from) + at(12, "dma_sync_single_for_cpu" + sync) +
             at(13, "dma_sync_single_for_device" + sync)) == lines{"0 8 W fffbc840+64->500f7840"});
}

TEST_CASE("where only dma events were recorded they are the mappings") {
  CHECK(read(at(10, dma_from) +
             at(20,
                "dma_unmap_page: 0000:00:01.0 dir=FROM_DEVICE dma_addr=fffbc840 size=1522 "
                "attrs=")) ==
        lines{"0 8 W fffbc840+1522->500f7840", "0 C 1000000000012 fffbc001", "0 C 46 0"});
}

TEST_CASE("a page fault is an event of its device, attached devices get what no event names") {
  CHECK(read(at(1,
                "io_page_fault: IOMMU:arm-smmu-v3 0000:02:00.0 iova=0x0000000000001000 "
                "flags=0x0001") +
             at(2, "attach_device_to_domain: IOMMU: device=0000:00:02.0") +
             at(3, "nvme_setup_cmd: nvme0: cmd=(nvme_cmd_write slba=1)") + at(4, map_4k) +
             at(5, "nvme_setup_cmd: nvme0: cmd=(nvme_cmd_write slba=1)")) ==
        lines{"0 E 200 10", "4000 10 R fffbc000+4096->500f7000"});
}

TEST_CASE("trace-cmd report, perf script and thread-group columns are read alike") {
  const lines expected{"0 8 W fffbc840+1522->500f7840", "0 C 1000000000012 fffbc001", "0 C 46 0"};
  const std::string tail = map_4k + "\n" + "  a b-7 [000] 1.000002000: " + dma_from + "\n" +
                           "  a b-7 [000] 1.000003000: " + unmap_4k + "\n";
  CHECK(read("cpus=2\n  a b-7 [000] 1.000001000: " + tail) == expected);
  std::string perf = "a b 7 [000] 1.000001: iommu:" + map_4k + "\n" +
                     "a b 7 [000] 1.000002: dma:" + dma_from + "\n" +
                     "a b 7 [000] 1.000003: iommu:" + unmap_4k + "\n";
  CHECK(read(perf) == expected);
  std::string group = "# tracer: nop\n  a b-7     (      7) [000] ..... 1.000001: " + map_4k +
                      "\n" + "  a b-7     (-------) [000] ..... 1.000002: " + dma_from + "\n" +
                      "CPU:1 [LOST 12 EVENTS]\n" +
                      "  a [1]-7     (      7) [000] ..... 1.000003: " + unmap_4k + "\n";
  CHECK(read(group) == expected);
}

TEST_CASE("older kernels' bodies without the end of the range are read") {
  CHECK(read(at(1, "map: IOMMU: iova=0x00000000fffbc000 paddr=0x00000000500f7000 size=4096") +
             at(2, dma_to) +
             at(3, "unmap: IOMMU: iova=0x00000000fffbc000 size=4096 unmapped_size=4096"))
            .size() == 3);
}

TEST_CASE("the summary has a tag a device and counts steps back of the clock") {
  const scratch dir;
  const std::string other =
      "map: IOMMU: iova=0x0000000000001000 - 0x0000000000002000 paddr=0x0000000000003000 size=4096";
  const std::string dma =
      "dma_map_page: 0000:00:02.0 dir=FROM_DEVICE dma_addr=1000 size=64 phys_addr=3000 attrs=";
  const auto source = workloads::open_trace(dir.file(
      "t", at(10, map_4k) + at(11, dma_from) + at(12, unmap_4k) + at(5, other) + at(13, dma) +
               at(14, "unmap: IOMMU: iova=0x1000 - 0x2000 size=4096 unmapped_size=4096")));
  CHECK(source->about().format == "ftrace");
  CHECK(source->about().clock_steps_back == 1);
  REQUIRE(source->about().streams.size() == 2);
  CHECK(source->about().streams[0].asid == base::asid(1));
  CHECK(source->about().streams[1].sid == base::stream_id(0x10));
  CHECK(source->about().streams[1].asid == base::asid(2));
}

TEST_CASE("a line that is no event says what was expected") {
  const std::string good = at(1, map_4k);
  check_error(good + "hello\n",
              "t:2:1: expected TASK-PID [CPU] FLAGS SECONDS.MICROSECONDS: EVENT: FIELDS, not "
              "\"hello\"");
  check_error(good + "  a-7 [000] ..... 123456789: " + map_4k + "\n",
              "t:2:19: expected SECONDS.MICROSECONDS, not \"123456789\" (trace_clock mono, boot, "
              "local or global counts seconds)");
  check_error(good + "  a-7 [000] ..... 99999999999.000000: " + map_4k + "\n",
              "t:2:19: 99999999999 is above 10000000000");
  check_error(good + "  a-7 [000] ..... 99999999.000000: " + unmap_4k + "\n" +
                  "  a-7 [000] ..... 1.000000: " + unmap_4k + "\n",
              "");
  check_error(good + at(2, unmap_4k) + "  a-7 [000] ..... 99999999.000000: " + unmap_4k + "\n",
              "t:3:1: the time is more than 200 days after the first record");
}

TEST_CASE("a bad field of an event names its column") {
  check_error(at(1, "map: IOMMU: iova=0x1000 - 0x2000 size=4096"),
              "t:1:74: no \"paddr=\" in the line");
  check_error(at(1, "unmap: IOMMU: iova=0x1000 size=0 unmapped_size=0"),
              "t:1:82: a range of no bytes");
  check_error(at(1, "unmap: IOMMU: iova=0xfffffffffffff000 size=4097 unmapped_size=0"),
              "t:1:94: the range runs over the end of the address space");
  check_error(at(1,
                 "dma_map_page: 0000:00:01.0 dir=TO_DEVICE dma_addr=1000 size=1073741825 "
                 "phys_addr=0 attrs="),
              "t:1:111: a DMA of 1073741825 bytes, above 1 GiB");
  check_error(at(1,
                 "dma_map_sg: 0000:00:01.0 dir=TO_DEVICE dma_addrs={0x1} sizes={0x1,0x2} "
                 "phys_addrs={0x1}"),
              "t:1:105: 2 sizes for 1 addresses");
  check_error(at(1, "dma_map_sg: 0000:00:01.0 dir=TO_DEVICE dma_addrs={0x1;0x2}"),
              "t:1:104: expected a comma or }, not \";0x2}\"");
  check_error(at(1, "block_rq_issue: 259 R"), "t:1:70: expected MAJOR,MINOR, not \" R\"");
}

TEST_CASE("events of devices that are not on PCI, and unknown ones, are passed over") {
  CHECK(read(at(1, map_4k) + at(2, "dma_map_page: fe000000.ethernet dir=TO_DEVICE dma_addr=1") +
             at(3, "sched_switch: prev_comm=x") + at(4, unmap_4k))
            .size() == 2);
  check_error("# tracer: nop\n" + at(1, "sched_switch: prev_comm=x"),
              "t: ftrace text without events of the systems iommu, dma, nvme or block");
}
