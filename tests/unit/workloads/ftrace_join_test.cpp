// An ftrace text and a QEMU log of the same run, joined: recorded pairs, and what decides.
#include <catch2/catch.hpp>

#include "test_files.h"

using namespace svasim;
using workloads::test::scratch;
using workloads::test::texts_of;
using lines = std::vector<std::string>;

namespace {

std::string recorded(const std::string& name) {
  return SVASIM_SOURCE_DIR "/workloads/traces/" + name;
}

std::string event(unsigned us, const std::string& text) {
  return fmt::format("  a-7 [001] .....    12.{:06}: {}\n", us, text);
}
std::string map(unsigned us, unsigned iova, unsigned output, const std::string& direction,
                unsigned offset = 0, unsigned size = 4096) {
  return event(us, fmt::format("map: IOMMU: iova={:#x} - {:#x} paddr={:#x} size=4096", iova,
                               iova + 4096, output)) +
         event(us, fmt::format("dma_map_page: 0000:00:01.0 dir={} dma_addr={:x} size={} "
                               "phys_addr={:x} attrs=",
                               direction, iova + offset, size, output + offset));
}
std::string unmap(unsigned us, unsigned iova) {
  return event(us, fmt::format("unmap: IOMMU: iova={:#x} - {:#x} size=4096 unmapped_size=4096",
                               iova, iova + 4096));
}
std::string access(unsigned iova, unsigned output, unsigned permission = 3) {
  return fmt::format(
      "1@1700000000.000001:smmuv3_translate_success mr sid=0x8 iova={:#x} translated={:#x} "
      "perm={:#x}\n",
      iova, output, permission);
}
std::string invalidation(unsigned iova) {
  return fmt::format(
      "1@1700000000.000001:smmuv3_range_inval vmid=0 asid=1 addr={:#x} tg=1 num_pages=0x1 ttl=3 "
      "leaf=1\n",
      iova);
}

struct joined {
  lines accesses;
  workloads::join_counts counts;
};
joined join(const std::string& log, const std::string& text) {
  const scratch dir;
  joined out;
  workloads::open_options o;
  o.join = dir.file("text", text);
  o.joined = &out.counts;
  for (const std::string& r : texts_of(dir.file("log", log), o)) {
    if (r.find(" C ") == std::string::npos) out.accesses.push_back(r);
  }
  return out;
}

}  // namespace

TEST_CASE("joined, each recorded data access has its direction, and no record is lost") {
  workloads::join_counts counts;
  workloads::open_options o;
  o.join = recorded("nvme_randrw_k612_strict.ftrace.txt.gz");
  o.joined = &counts;
  const std::string log = recorded("nvme_randrw_k612_strict.qemu.log.gz");
  const lines plain = texts_of(log);
  const lines with = texts_of(log, o);
  // 713 commands of 4 and 32 KiB, their pages counted in the log's invalidations.
  CHECK(counts.matched == 3072);
  CHECK(counts.accesses == 4877);
  REQUIRE(with.size() == plain.size());
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < with.size(); ++i) {
    CHECK(with[i].substr(0, with[i].find(' ')) == plain[i].substr(0, plain[i].find(' ')));
    if (with[i] != plain[i]) bytes += with[i].find("+4096->") != std::string::npos ? 4096 : 0;
  }
  CHECK(bytes == 3072 * 4096);
  o.join = log;
  CHECK(texts_of(recorded("nvme_randrw_k612_strict.ftrace.txt.gz"), o) == with);
}

TEST_CASE("with lazy invalidation, too, each recorded DMA of the text is found") {
  workloads::join_counts counts;
  workloads::open_options o;
  o.join = recorded("igb_tcp_rx_lazy.ftrace.txt.gz");
  o.joined = &counts;
  workloads::open_trace(recorded("igb_tcp_rx_lazy.qemu.log.gz"), o);
  CHECK(counts.matched == 431);
  CHECK(counts.accesses == 64014);
}

TEST_CASE("an access takes direction and length to the end of its DMA or page") {
  const joined j = join(access(0x1840, 0x5840) + access(0x1900, 0x5900) + access(0x1000, 0x5000),
                        map(1, 0x1000, 0x5000, "FROM_DEVICE", 0x840, 1522) + unmap(9, 0x1000));
  CHECK(j.accesses == lines{"0 8 W 1840+1522->5840", "0 8 W 1900+1330->5900",
                            "0 8 R 1000+64->5000"});  // before the DMA: not of it
  CHECK(j.counts.matched == 2);
}

TEST_CASE("a mapping is told by its output, and by what the page permits") {
  const std::string text = map(1, 0x1000, 0x5000, "FROM_DEVICE") + unmap(2, 0x1000) +
                           map(3, 0x1000, 0x6000, "TO_DEVICE") + unmap(4, 0x1000);
  CHECK(join(access(0x1000, 0x6000, 1), text).accesses == lines{"0 8 R 1000+4096->6000"});
  CHECK(join(access(0x1000, 0x6000, 3), text).accesses == lines{"0 8 R 1000+64->6000"});
  CHECK(join(access(0x1000, 0x7000, 3), text).accesses == lines{"0 8 R 1000+64->7000"});
}

TEST_CASE("a mapping that was accessed and invalidated is over") {
  const std::string text = map(1, 0x1000, 0x5000, "FROM_DEVICE", 0, 100) + unmap(2, 0x1000) +
                           map(3, 0x1000, 0x5000, "FROM_DEVICE", 0, 200) + unmap(4, 0x1000);
  CHECK(join(access(0x1000, 0x5000) + access(0x1000, 0x5000) + invalidation(0x1000) +
                 access(0x1000, 0x5000),
             text)
            .accesses ==
        lines{"0 8 W 1000+100->5000", "0 8 W 1000+100->5000", "0 8 W 1000+200->5000"});
  // The first invalidation belongs to a mapping from before the log.
  CHECK(join(invalidation(0x1000) + access(0x1000, 0x5000), text).accesses ==
        lines{"0 8 W 1000+100->5000"});
}

TEST_CASE("a DMA that was mapped before the text began is known from its unmap") {
  const std::string text =
      unmap(1, 0x1000) +
      event(2, "dma_unmap_page: 0000:00:01.0 dir=FROM_DEVICE dma_addr=1840 size=300 attrs=");
  CHECK(join(access(0x1840, 0x5840), text).accesses == lines{"0 8 W 1840+300->5840"});
}

TEST_CASE("a virtio-iommu log says itself which way an access went") {
  const std::string log =
      "1@1700000000.000001:virtio_iommu_translate mr=x rid=8 addr=0x1000 flag=2\n"
      "1@1700000000.000002:virtio_iommu_translate_out 0x1000 -> 0x5000 for sid=8\n"
      "1@1700000000.000003:virtio_iommu_translate mr=x rid=8 addr=0x1000 flag=1\n"
      "1@1700000000.000004:virtio_iommu_translate_out 0x1000 -> 0x5000 for sid=8\n";
  const joined j = join(log, map(1, 0x1000, 0x5000, "FROM_DEVICE", 0, 512));
  CHECK(j.accesses == lines{"0 8 W 1000+512->5000", "2000 8 R 1000+64->5000"});
}

TEST_CASE("only a text and a log can be joined") {
  const scratch dir;
  const std::string log = dir.file("log", access(0x1000, 0x5000));
  workloads::open_options o;
  o.join = dir.file("other", access(0x1000, 0x5000));
  CHECK_THROWS_WITH(workloads::open_trace(log, o),
                    o.join + ": only an ftrace text and a QEMU log of the same run can be joined");
  o.join = dir.file("bad", map(1, 0x1000, 0x5000, "FROM_DEVICE") + "?\n");
  CHECK_THROWS_WITH(workloads::open_trace(log, o),
                    o.join +
                        ":3:1: expected TASK-PID [CPU] FLAGS SECONDS.MICROSECONDS: EVENT: "
                        "FIELDS, not \"?\"");
}
