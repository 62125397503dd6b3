// What lines of a QEMU log become, on logs of a few lines.
#include <xxhash.h>

#include <catch2/catch.hpp>

#include "base/bits.h"
#include "test_files.h"
#include "workloads/smmu_commands.h"

using namespace svasim;
using workloads::test::scratch;
namespace cmd = workloads::smmu_commands;

namespace {

// Each line gets thread 1 and a time 1 us after the one before.
std::string log_of(const std::vector<std::string>& lines) {
  std::string out;
  std::uint64_t us = 100;
  for (const std::string& line : lines) {
    out += "1@1700000000." + std::to_string(us++ + 1000000).substr(1) + ":" + line + "\n";
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

std::string access(const std::string& iova, const std::string& output, const char* perm = "0x3") {
  return "smmuv3_translate_success region-8-1 sid=0x8 iova=" + iova + " translated=" + output +
         " perm=" + perm + " stage=1";
}

std::string range(const std::string& address, const std::string& pages, unsigned ttl = 3,
                  const char* tag = "vmid=0 asid=5", unsigned stage = 1) {
  return std::string("smmuv3_range_inval ") + tag + " addr=" + address +
         " tg=1 num_pages=" + pages + " ttl=" + std::to_string(ttl) +
         " leaf=1 stage=" + std::to_string(stage);
}

const std::string nh_va = "smmuv3_cmdq_opcode <--- SMMU_CMD_TLBI_NH_VA";
const std::string sync_line = "smmuv3_cmdq_opcode <--- SMMU_CMD_SYNC";

std::uint64_t opcode(const trace::record& r) {
  return base::bits(r.command[0], 7, 0);
}

}  // namespace

TEST_CASE("an access line gives stream, addresses, permission and the declared defaults") {
  const auto r = records_of({access("0xffd70010", "0x4e38a010", "0x1")});
  REQUIRE(r.size() == 1);
  CHECK(r[0].kind == trace::record_kind::access);
  CHECK(r[0].sid == base::stream_id(8));
  CHECK(r[0].address == base::iova(0xffd70010));
  CHECK(r[0].output == 0x4e38a010);
  CHECK(r[0].has_output);
  CHECK(r[0].permission == 1);
  CHECK(r[0].length == 64);
  CHECK_FALSE(r[0].write);
  CHECK_FALSE(r[0].has_ssid);
  CHECK(r[0].line == 1);
}

TEST_CASE("older logs with a decimal StreamID and no stage are read alike") {
  const auto r =
      records_of({"smmuv3_translate_success mr sid=512 iova=0x1000 translated=0x2000 perm=0x3"});
  CHECK(r.at(0).sid == base::stream_id(0x200));
}

TEST_CASE("an access ends at the latest with its 4 KiB page") {
  const auto r = records_of(
      {access("0x1fc0", "0x5fc0"), access("0x1fc1", "0x5fc1"), access("0x1fff", "0x5fff")});
  CHECK(r.at(0).length == 64);
  CHECK(r.at(1).length == 63);
  CHECK(r.at(2).length == 1);
}

TEST_CASE("a doorbell output makes a write of 4 bytes, and a page for writes only makes a write") {
  const auto r = records_of({access("0x8000040", "0x808ffff"), access("0x8000040", "0x8090000"),
                             access("0x8000040", "0x809ffff"), access("0x8000040", "0x80a0000"),
                             access("0x1000", "0x1000", "0x2")});
  const auto form = [&](std::size_t i) { return std::pair(r.at(i).write, r.at(i).length); };
  CHECK(form(0) == std::pair(false, 64u));
  CHECK(form(1) == std::pair(true, 4u));
  CHECK(form(2) == std::pair(true, 4u));
  CHECK(form(3) == std::pair(false, 64u));
  CHECK(form(4) == std::pair(true, 64u));
}

TEST_CASE("the defaults of an access can be set") {
  const scratch dir;
  workloads::open_options options;
  options.qemu.access_length = base::bytes(256);
  options.qemu.doorbell_first = options.qemu.doorbell_last = 0x7000;
  options.qemu.doorbell_length = base::bytes(8);
  const auto path =
      dir.file("x.log", log_of({access("0x1000", "0x7000"), access("0", "0x8090040")}));
  const auto r = workloads::test::read_all(*workloads::open_trace(path, options));
  CHECK(r.at(0).length == 8);
  CHECK(r.at(1).length == 256);
}

TEST_CASE("the pieces of a range become the one command that was queued") {
  // 640 MiB at 2 GiB: 0x28000 pages = NUM 4 (5 of them), SCALE 15.
  const auto r = records_of(
      {nh_va, range("0x80000000", "0x20000", 2), range("0xa0000000", "0x8000", 2), sync_line});
  REQUIRE(r.size() == 2);
  CHECK(r[0].command == *cmd::of_range(cmd::tlbi_nh_va, {0, 5, 0x80000000, 1, 0x28000, 2, true}));
  CHECK(base::bits(r[0].command[0], 16, 12) == 4);
  CHECK(base::bits(r[0].command[0], 24, 20) == 15);
  CHECK(r[0].line == 2);
  CHECK(r[0].time == base::ps(0));
  CHECK(opcode(r[1]) == cmd::sync);
  CHECK(r[1].time == base::us(2));
}

TEST_CASE("pieces that no command can name together stay one command each") {
  const auto r = records_of({nh_va, range("0x1000", "0x1"), range("0x2000", "0x1"),
                             range("0x3000", "0x20"), sync_line});  // 34 pages: 17 << 1
  REQUIRE(r.size() == 2);
  const auto odd = records_of(
      {nh_va, range("0x1000", "0x1"), range("0x2000", "0x2"), range("0x4000", "0x20"), sync_line});
  REQUIRE(odd.size() == 4);  // 35 pages
  CHECK(cmd::named_range(odd[0].command)->pages == 1);
  CHECK(cmd::named_range(odd[1].command)->first == 0x2000);
  CHECK(cmd::named_range(odd[2].command)->pages == 0x20);
  CHECK(opcode(odd[3]) == cmd::sync);
}

TEST_CASE("lines that do not continue a range begin a command of their own") {
  CHECK(records_of({nh_va, range("0x1000", "0x1"), range("0x3000", "0x1")}).size() == 2);
  CHECK(records_of({nh_va, range("0x1000", "0x1", 3), range("0x2000", "0x1", 2)}).size() == 2);
  CHECK(records_of({nh_va, range("0x1000", "0x1"), nh_va, range("0x2000", "0x1")}).size() == 2);
  // Without an opcode line (the edge of a log) nothing says that lines belong together.
  CHECK(records_of({range("0x1000", "0x1"), range("0x2000", "0x1")}).size() == 2);
}

TEST_CASE("an access between the lines of a command keeps its place behind the first of them") {
  const auto r = records_of({nh_va, range("0x2000", "0x2"), access("0x9000", "0x9000"),
                             range("0x4000", "0x1"), access("0xa000", "0xa000"), sync_line});
  REQUIRE(r.size() == 4);
  CHECK(cmd::named_range(r[0].command)->pages == 3);
  CHECK(r[1].address == base::iova(0x9000));
  CHECK(r[2].address == base::iova(0xa000));
  CHECK(opcode(r[3]) == cmd::sync);
}

TEST_CASE("a range at the end of the log does not hold back the accesses behind it for long") {
  std::vector<std::string> lines{nh_va, range("0x2000", "0x2")};
  for (int i = 0; i < 1000; ++i) lines.push_back(access("0x9000", "0x9000"));
  const auto r = records_of(lines);
  REQUIRE(r.size() == 1001);
  CHECK(r[0].kind == trace::record_kind::command);
  for (std::size_t i = 1; i < r.size(); ++i) CHECK(r[i].line == i + 2);
}

TEST_CASE("ASID -1 is stage 2 or, at stage 1, any ASID") {
  const auto r = records_of({range("0x1000", "0x1", 3, "vmid=7 asid=-1", 2),
                             range("0x1000", "0x1", 3, "vmid=7 asid=-1", 1)});
  CHECK(opcode(r.at(0)) == cmd::tlbi_s2_ipa);
  CHECK(base::bits(r.at(0).command[0], 47, 32) == 7);
  CHECK(opcode(r.at(1)) == cmd::tlbi_nh_vaa);
}

TEST_CASE("every command that QEMU logs becomes its 16 bytes") {
  const std::string op = "smmuv3_cmdq_opcode <--- SMMU_CMD_";
  const auto r = records_of(
      {op + "CFGI_STE_RANGE", "smmuv3_cmdq_cfgi_ste_range start=0x0 - end=0xffffffff",  //
       op + "TLBI_NSNH_ALL", "smmuv3_cmdq_tlbi_nsnh ", "smmu_iotlb_inv_all IOTLB invalidate all",
       op + "CFGI_STE", "smmuv3_cmdq_cfgi_ste streamid= 0x8",  //
       op + "PREFETCH_CONFIG",                                 //
       op + "CFGI_CD", "smmuv3_cmdq_cfgi_cd sid=0x9",          //
       op + "CFGI_CD_ALL", "smmuv3_cmdq_cfgi_cd sid=0xa",      //
       op + "TLBI_NH_ALL", "smmuv3_cmdq_tlbi_nh vmid=3",       //
       op + "TLBI_NH_ASID", "smmuv3_cmdq_tlbi_nh_asid asid=2", op + "TLBI_S12_VMALL",
       "smmuv3_cmdq_tlbi_s12_vmid vmid=4", op + "SYNC"});
  const std::vector<cmd::words> expected = {{0x4, 31},
                                            {0x30, 0},
                                            {0x0000000800000003, 0},
                                            {0x0000000800000001, 0},
                                            {0x0000000900000005, 0},
                                            {0x0000000a00000006, 0},
                                            {0x0000000300000010, 0},
                                            {0x0002000000000011, 0},
                                            {0x0000000400000028, 0},
                                            {0x46, 0}};
  REQUIRE(r.size() == expected.size());
  for (std::size_t i = 0; i < r.size(); ++i) CHECK(r[i].command == expected[i]);
}

TEST_CASE("an opcode without operands is counted, not replayed") {
  const std::vector<std::string> lines{nh_va, sync_line, "smmuv3_cmdq_opcode <--- SMMU_CMD_ATC_INV",
                                       "smmuv3_cmdq_tlbi_nh_asid asid=2", nh_va};
  const auto r = records_of(lines);
  REQUIRE(r.size() == 2);
  CHECK(opcode(r[0]) == cmd::sync);
  CHECK(opcode(r[1]) == cmd::tlbi_nh_asid);
  CHECK(summary_of(lines).incomplete_commands == 3);
}

TEST_CASE("blocks in the table are told, pages are not") {
  const auto r =
      records_of({"smmu_iotlb_insert IOTLB ++ asid=2 vmid=1 addr=0x8fa00000 tg=1 level=2",
                  access("0x8fb12000", "0x1000"),
                  "smmu_iotlb_insert IOTLB ++ asid=2 vmid=1 addr=0x8000000 tg=1 level=3"});
  REQUIRE(r.size() == 2);
  CHECK(r[0].kind == trace::record_kind::leaf);
  CHECK(r[0].asid == base::asid(2));
  CHECK(r[0].vmid == base::vmid(1));
  CHECK(r[0].address == base::iova(0x8fa00000));
  CHECK(r[0].level == 2);
  CHECK(r[0].granule_shift == 12);
}

TEST_CASE("a fault becomes an event with its number") {
  const auto r = records_of({"smmuv3_record_event SMMU_EVT_F_TRANSLATION sid=0x200",
                             "smmuv3_record_event SMMU_EVT_SOMETHING sid=0x1"});
  CHECK(r.at(0).kind == trace::record_kind::event);
  CHECK(r.at(0).event == 0x10);
  CHECK(r.at(0).sid == base::stream_id(0x200));
  CHECK(r.at(1).event == 0);
}

TEST_CASE("times count from the first record, and a clock that steps back stands still") {
  const scratch dir;
  const std::string line = ":" + access("0x1000", "0x1000") + "\n";
  const auto source = workloads::open_trace(
      dir.file("x.log", "1@99.000000:pci_nvme_read cid 832\n1@100.999999" + line + "1@101.000002" +
                            line + "2@101.000001" + line + "2@101.000004" + line));
  const auto r = workloads::test::read_all(*source);
  CHECK(r.at(0).time == base::us(0));
  CHECK(r.at(1).time == base::us(3));
  CHECK(r.at(2).time == base::us(3));
  CHECK(r.at(3).time == base::us(5));
  CHECK(source->about().clock_steps_back == 1);
  CHECK(source->about().length == base::us(5));
  CHECK(source->about().lines == 5);
}

TEST_CASE("a stream's tag comes from the TLB fill before its access, else from invalidations") {
  const auto tags = [](const std::vector<std::string>& lines) {
    std::vector<std::pair<unsigned, unsigned>> out;
    for (const auto& s : summary_of(lines).streams) out.emplace_back(s.sid.value(), s.asid.value());
    return out;
  };
  const std::string fill = "smmu_iotlb_insert IOTLB ++ asid=3 vmid=0 addr=0x1000 tg=1 level=3";
  const std::string other =
      "smmuv3_translate_success mr sid=0x9 iova=0x7000 translated=0x7000 perm=0x3 stage=1";
  using list = std::vector<std::pair<unsigned, unsigned>>;
  CHECK(tags({fill, access("0x1000", "0x1000"), range("0x1000", "0x1")}) == list{{8, 3}});
  CHECK(tags({access("0x1000", "0x1000"), range("0x1000", "0x1")}) == list{{8, 5}});
  CHECK(tags({fill, access("0x2000", "0x1000")}) == list{{8, 1}});  // another page: says nothing
  CHECK(tags({fill, access("0x1000", "0x1000"), other, range("0x1000", "0x1")}) ==
        list{{8, 3}, {9, 5}});
  CHECK(tags({access("0x1000", "0x1000"), other}) == list{{8, 1}, {9, 2}});
}

TEST_CASE("a log is lazy where a page leads elsewhere without a range having named it") {
  const std::string a = access("0x1000", "0x5000");
  const std::string b = access("0x1000", "0x6000");
  CHECK_FALSE(summary_of({a, a}).lazy);
  CHECK(summary_of({a, b}).lazy);
  CHECK_FALSE(summary_of({a, range("0x0", "0x2"), b}).lazy);
  CHECK(summary_of({a, range("0x2000", "0x2"), b}).lazy);
  CHECK(summary_of({a, "smmuv3_cmdq_tlbi_nh_asid asid=5", b}).lazy);
  CHECK_FALSE(summary_of({a, "smmuv3_cmdq_tlbi_nsnh ", b}).lazy);
  CHECK_FALSE(summary_of({a, "smmuv3_cmdq_cfgi_ste streamid= 0x8", b}).lazy);
  CHECK(summary_of({a, "smmuv3_cmdq_cfgi_ste streamid= 0x9", b}).lazy);
}

TEST_CASE("accesses that did not go through a table are counted, not replayed") {
  const std::vector<std::string> lines{
      "smmuv3_translate_bypass mr sid=0x8 STE bypass iova:0x1000 is_write=0",
      "smmuv3_translate_abort mr sid=0x8 abort on iova:0x1000 is_write=1"};
  CHECK(records_of(lines).empty());
  CHECK(summary_of(lines).untranslated == 2);
}

TEST_CASE("a log reads the same plain, gzip, gzip in two members, and zstd") {
  const scratch dir;
  const std::string head = log_of({access("0x1000", "0x1000"), nh_va, range("0x1000", "0x4")});
  const std::string tail = "1@1700000001.000000:" + access("0x2000", "0x2000") + "\n";
  using workloads::test::gzip;
  using workloads::test::zstd;
  for (const std::string& content :
       {head + tail, gzip(head + tail), gzip(head) + gzip(tail), zstd(head + tail),
        zstd(head) + zstd(tail), head + tail.substr(0, tail.size() - 1)}) {
    const auto source = workloads::open_trace(dir.file("x", content));
    CHECK(source->about().accesses == 2);
    CHECK(workloads::test::read_all(*source).size() == 3);
  }
}

TEST_CASE("the digest is XXH64 of the bytes on disk") {
  const scratch dir;
  const std::string text = log_of({access("0x1000", "0x1000")});
  char expected[17];
  std::snprintf(expected, sizeof expected, "%016llx",
                static_cast<unsigned long long>(XXH64(text.data(), text.size(), 0)));
  CHECK(workloads::open_trace(dir.file("x", text))->about().digest == expected);
}
