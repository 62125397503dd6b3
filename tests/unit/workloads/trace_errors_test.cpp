// The exact text of every way in which a trace can be bad.
#include <sys/resource.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "test_files.h"
#include "workloads/convert.h"

using namespace svasim;
using workloads::test::error_of;
using workloads::test::gzip;
using workloads::test::scratch;

namespace {

const std::string good_line =
    "1@1700000000.000001:smmuv3_translate_success mr sid=0x8 iova=0x1000 translated=0x2000 "
    "perm=0x3\n";

std::string many_lines(std::size_t n) {
  std::string out;
  // Different digits, so that compressed data are spread over the file.
  std::uint64_t x = 1;
  for (std::size_t i = 0; i < n; ++i) {
    x = x * 6364136223846793005u + 1442695040888963407u;
    out += "1@1700000000.000001:smmuv3_translate_success mr sid=0x8 iova=" + std::to_string(x) +
           " translated=0x2000 perm=0x3\n";
  }
  return out;
}

void check_text(const std::string& content, const std::string& expected) {
  const scratch dir;
  CHECK(error_of(dir, dir.file("t", content)) == expected);
}

// An error in line 2 of a QEMU log.
void check_line(const std::string& rest, const std::string& expected) {
  check_text(good_line + "1@1700000000.000002:" + rest + "\n", "t:2:" + expected);
}

void check_csv(const std::string& line, const std::string& expected) {
  check_text("#svasim-trace v1\n" + line + "\n", "t:2:" + expected);
}

}  // namespace

TEST_CASE("what cannot be opened says why") {
  const scratch dir;
  CHECK(error_of(dir, dir.path("none")) == "cannot open none: No such file or directory");
  std::filesystem::create_directory(dir.path("folder"));
  CHECK(error_of(dir, dir.path("folder")) == "cannot open folder: Is a directory");
  REQUIRE(::mkfifo(dir.path("pipe").c_str(), 0600) == 0);
  CHECK(error_of(dir, dir.path("pipe")) == "cannot open pipe: Not a regular file");
}

TEST_CASE("a file of another kind says what it looks like") {
  const std::string rest = "; svasim trace import --help lists what can be read";
  check_text("", "t: the file is empty" + rest);
  check_text(gzip(""), "t: the file is empty" + rest);
  check_text(std::string("\x7f"
                         "ELF\0\1",
                         6),
             "t: the file is binary data of an unknown kind" + rest);
  check_text("{\"pattern\": 1}", "t: the file looks like JSON" + rest);
  check_text("smmuv3_translate_success mr sid=0x8\n",
             "t: the file looks like a QEMU log without time stamps (-msg timestamp=on)" + rest);
  check_text("I  1ffe\n",
             "t: the file is text of an unknown kind, beginning with \"I  1ffe\"" + rest);
  check_text("R 1ffe\n",
             "t: the file is text of an unknown kind, beginning with \"R 1ffe\"" + rest);
  check_text("==12== Memcheck, a memory error detector\n",
             "t: the file is text of an unknown kind, beginning with "
             "\"==12== Memcheck, a memory error detector\"" +
                 rest);
  check_text("1@1700000000.000001:pci_nvme_read cid 832\n",
             "t: a QEMU log without smmuv3 or virtio_iommu events");
}

TEST_CASE("compressed data that are cut, damaged or followed by more name the byte") {
  const std::string packed = gzip(many_lines(1000));
  check_text(packed.substr(0, packed.size() - 9),
             "t: gzip data cut off at byte " + std::to_string(packed.size() - 9));
  check_text(packed.substr(0, packed.size() - 1),
             "t: gzip data cut off at byte " + std::to_string(packed.size() - 1));
  std::string wrong_sum = packed;
  wrong_sum[packed.size() - 5] ^= 1;  // the last byte of the CRC
  check_text(wrong_sum, "t: damaged gzip data at byte " + std::to_string(packed.size() - 4));
  check_text(packed + "more",
             "t: gzip data followed by something else at byte " + std::to_string(packed.size()));
  const std::string frame = workloads::test::zstd(many_lines(1000));
  check_text(frame.substr(0, 100), "t: zstd data cut off at byte 100");
  check_text(frame + "more",
             "t: zstd data followed by something else at byte " + std::to_string(frame.size()));
}

TEST_CASE("a line that is none of a QEMU log names its line") {
  check_text(good_line + "1@17:smmu\n",
             "t:2:1: expected THREAD@SECONDS.MICROSECONDS:EVENT, not \"1@17:smmu\"");
  check_text(good_line + "\n", "t:2:1: expected THREAD@SECONDS.MICROSECONDS:EVENT, not \"\"");
  check_text(good_line + "1@1700000000.0000:x\n",
             "t:2:1: expected THREAD@SECONDS.MICROSECONDS:EVENT, not \"1@1700000000.0000:x\"");
  check_text(good_line + "1@1.000000:\n", "t:2:12: expected an event's name behind the time");
  check_text(good_line + std::string("1@\x1b[2J\n"),
             "t:2:1: expected THREAD@SECONDS.MICROSECONDS:EVENT, not \"1@\\x1b[2J\"");
  check_text(good_line + "1@9999999999999.000000:x\n",
             "t:2:3: 9999999999999 is above 1000000000000");
  check_text(good_line + "1@1800000000.000000:" + good_line.substr(20),
             "t:2:1: the time is more than 200 days after the first record");
}

TEST_CASE("a line may be 64 KiB long and no longer") {
  const std::string start = "1@1700000000.000002:pci_";
  check_text(good_line + start + std::string(65536 - start.size(), 'x') + "\n", "");
  check_text(good_line + start + std::string(65537 - start.size(), 'x') + "\n",
             "t:2: the line is longer than 64 KiB");
  check_text(good_line + start + std::string(1 << 20, 'x'), "t:2: the line is longer than 64 KiB");
}

TEST_CASE("a bad operand of a QEMU line names its column") {
  check_line("smmuv3_translate_success mr sid=0x8 iova=0x1000 perm=0x3",
             "68: no \"translated=\" in the line");
  check_line("smmuv3_translate_success mr sid=0x100000000 iova=0x1000",
             "53: 0x100000000 is above 0xffffffff");
  check_line("smmuv3_translate_success mr sid=x iova=0x1000",
             "53: expected a number, not \"x iova=0x1000\"");
  check_line("smmuv3_translate_success mr sid=0x8 iova=0x10000000000000000 translated=0",
             "62: the number does not fit in 64 bits");
  check_line("smmuv3_cmdq_tlbi_nh_asid asid=65536", "51: 65536 is above 65535");
  check_line("smmuv3_cmdq_cfgi_ste_range start=0x1 - end=0x2",
             "64: 0x1 to 0x2 is no range of CFGI_STE_RANGE");
  check_line("smmuv3_range_inval vmid=0 asid=1 addr=0x1001 tg=1 num_pages=0x1 ttl=3 leaf=1",
             "59: the address is no multiple of 4 KiB");
  check_line("smmuv3_range_inval vmid=0 asid=1 addr=0x1000 tg=1 num_pages=0x0 ttl=3 leaf=1",
             "81: a range of no pages");
  check_line("smmuv3_range_inval vmid=0 asid=1 addr=0x1000 tg=1 num_pages=0x21 ttl=3 leaf=1",
             "39: no TLBI command names this range");
  check_line("smmu_iotlb_insert IOTLB ++ asid=1 vmid=0 addr=0x1000 tg=0 level=3",
             "77: the granule of a leaf is 1 (4K), 2 (16K) or 3 (64K)");
}

TEST_CASE("a bad field of a CSV trace names its column") {
  check_text("#svasim-trace v2\n", "t:1:16: version 2 is not known, only version 1");
  check_text("#svasim-trace v1 x\n", "t:1:17: expected the end of the line, not \" x\"");
  check_csv("x,A,8", "1: expected a number, not \"x,A,8\"");
  check_csv("1.5xs,A,8", "1: expected a time, not \"1.5xs\"");
  check_csv("1", "2: the line ends before the column kind");
  check_csv("1;A", "2: expected a comma before the column kind, not \";A\"");
  check_csv("1,X", "3: the kind is A, C, L, E or V, not \"X\"");
  check_csv("1,A,8,,0x1000,0,R,,3", "15: an access of no bytes");
  check_csv("1,A,8,0x100000,0,1,R,,3", "7: 0x100000 is above 0xfffff");
  check_csv("1,A,8,,0xffffffffffffffff,2,R,,3",
            "27: the access runs over the end of the address space");
  check_csv("1,A,8,,0x1000,64,X,,3", "18: expected R or W, not \"X\"");
  check_csv("1,A,8,,0x1000,64,R", "19: the line ends before the column output");
  check_csv("1,A,8,,0x1000,64,R,,4", "21: 4 is above 3");
  check_csv("1,A,8,,0x1000,64,R,,3,", "23: expected a number, not \"\"");
  check_csv("1,A,8,,0x1000,64,R,,3,4294967296", "23: 4294967296 is above 4294967295");
  check_csv("1,A,8,,0x1000,64,R,,3,1,", "24: expected the end of the line, not \",\"");
  check_csv("1,V", "4: the line ends before the column request");
  check_csv("1,V,probe,1", "5: the request is attach, detach, map or unmap, not \"probe\"");
  check_csv("1,V,unmap,0x100000000", "11: 0x100000000 is above 0xffffffff");
  check_csv("1,V,attach,1", "13: the line ends before the column endpoint");
  check_csv("1,V,detach,1,8,9", "15: expected the end of the line, not \",9\"");
  check_csv("1,V,unmap,1,0x2000,0x1fff", "20: the range ends before it begins");
  check_csv("1,V,map,1,0x1000,0x1fff", "24: the line ends before the column output");
  check_csv("1,V,map,1,0x1000,0x1fff,0,8", "27: 8 is above 7");
  check_csv("#stream,8,asid=1,vmid=0,domain=4294967296", "32: 4294967296 is above 4294967295");
  check_csv("1,C,0x46", "9: the line ends before the column word 1");
  check_csv("1,L,1,0,0x1000,2,12", "9: the address is no multiple of the leaf's 2^21 bytes");
  check_csv("1,L,1,0,0x1000,3,13", "18: the granule is 12, 14 or 16 (log2 of its bytes), not 13");
  check_csv("1,E,8,256", "7: 256 is above 255");
  const std::string start = "#svasim-trace v1\n2,E,8,1\n";
  check_text(start + "1,E,8,1\n", "t:3:1: the time is before that of the record before");
  check_text(start + "#stream,8,asid=1,vmid=0\n", "t:3:1: #stream stands before the first record");
  check_csv("#stream,8,asid=1", "17: no \",vmid=\" in the line");
  check_csv("#granule,13", "10: the granule is 12, 14 or 16 (log2 of its bytes), not 13");
}

TEST_CASE("a .svt file that is cut or damaged anywhere is refused") {
  const scratch dir;
  const auto source = workloads::open_trace(dir.file("log", many_lines(100)));
  workloads::convert(*source, dir.path("t"), workloads::trace_format::svt);
  const std::string whole = base::read_file(dir.path("t"));
  const auto refused = [&](const std::string& bytes) {
    return error_of(dir, dir.file("t", bytes));
  };
  CHECK(refused(whole) == "");
  CHECK(refused(whole.substr(0, 20)) == "t: .svt file cut off at byte 20");
  CHECK(refused(whole.substr(0, 100)) == "t: .svt file cut off at byte 100");
  std::string other = whole;
  other[8] = 2;
  CHECK(refused(other) == "t: .svt version 2 is not known, only version 3 at byte 8");
  other[8] = 0;
  CHECK(refused(other) == "t: .svt version 0 is not known, only version 3 at byte 8");
  other = whole;
  other[200] ^= 1;
  CHECK(refused(other) == "t: damaged block at byte 16");
  other = whole;
  other[16] ^= 1;
  CHECK(refused(other) == "t: damaged block header at byte 16");
  other = whole;
  other[whole.size() - 40] ^= 1;
  CHECK(refused(other).find("t: damaged .svt footer at byte ") == 0);
  CHECK(refused(whole + "more") ==
        "t: .svt file cut off at byte " + std::to_string(whole.size() + 4));
}

TEST_CASE("no flipped bit and no cut of a .svt file goes unnoticed and changes a record") {
  const scratch dir;
  const auto source = workloads::open_trace(dir.file("log", many_lines(20)));
  workloads::convert(*source, dir.path("t"), workloads::trace_format::svt);
  const std::string whole = base::read_file(dir.path("t"));
  const auto addresses = [&](const std::string& bytes) {
    std::vector<std::uint64_t> out;
    try {
      const auto from = workloads::open_trace(dir.file("t", bytes));
      for (const auto& r : workloads::test::read_all(*from)) out.push_back(r.address.value());
    } catch (const base::input_error&) {
      out.clear();
    }
    return out;
  };
  const auto good = addresses(whole);
  REQUIRE(good.size() == 20);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string other = whole;
    other[i] = static_cast<char>(other[i] ^ (1 << i % 8));
    const auto got = addresses(other);  // zstd has bits that mean nothing
    const bool harmless = got.empty() || got == good;
    if (!harmless) FAIL("flipped bit at byte " << i);
    if (!addresses(whole.substr(0, i)).empty()) FAIL("cut at byte " << i);
  }
}

TEST_CASE("a conversion that fails leaves nothing behind and the old file as it was") {
  const scratch dir;
  const auto log = dir.file("log", many_lines(20000));
  dir.file("t.csv", "old");
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 64 << 10;
  std::string text;
  {
    const auto source = workloads::open_trace(log);
    ::setrlimit(RLIMIT_FSIZE, &small);
    try {
      workloads::convert(*source, dir.path("t.csv"), workloads::trace_format::csv);
    } catch (const base::input_error& e) {
      text = dir.without_directory(e.what());
    }
    ::setrlimit(RLIMIT_FSIZE, &before);
  }
  CHECK(text == "cannot write t.csv: File too large");
  CHECK(base::read_file(dir.path("t.csv")) == "old");
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(dir.path(""))) {
    files += entry.exists() ? 1 : 0;
  }
  CHECK(files == 2);
  const auto source = workloads::open_trace(log);
  CHECK_THROWS_WITH(workloads::convert(*source, "/nonexistent/x.svt", workloads::trace_format::svt),
                    "cannot write /nonexistent/x.svt: No such file or directory");
}
