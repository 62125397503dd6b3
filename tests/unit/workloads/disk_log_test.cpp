// fio I/O logs and blkparse text as NVMe queue pairs.
#include <catch2/catch.hpp>

#include "test_files.h"

using namespace svasim;
using workloads::test::error_of;
using workloads::test::scratch;
using workloads::test::texts_of;
using lines = std::vector<std::string>;

namespace {

// Few entries and buffers, so that they wrap soon: submission queue at 100000000, completion queue
// at 100001000, lists from 100002000, buffers from 100004000.
workloads::open_options small() {
  workloads::open_options o;
  o.nvme.layout.entries = 2;
  o.nvme.layout.pool = 32 << 10;
  o.nvme.layout.max_transfer = 16 << 10;
  return o;
}

lines read(const std::string& text) {
  const scratch dir;
  return texts_of(dir.file("t", text), small());
}

void check_error(const std::string& text, const std::string& expected) {
  const scratch dir;
  CHECK(error_of(dir, dir.file("t", text)) == expected);
}

const std::string v2 = "fio version 2 iolog\n";
const std::string v3 = "fio version 3 iolog\n";
const std::string issue = "259,0    3        1     0.000000100  1204  D   R 63240 + 8 [fio]\n";

}  // namespace

TEST_CASE("a read takes its entry, writes its pages and then the completion") {
  CHECK(read(v2 + "f add\nf open\nf read 8192 6144\nf close\n") ==
        lines{"0 8 R 100000000+64", "0 8 W 100004000+4096", "0 8 W 100005000+2048",
              "0 8 W 100001000+16"});
}

TEST_CASE("a write of more than two pages reads a PRP list of all but the first") {
  CHECK(read(v2 + "f write 0 12288\n") == lines{"0 8 R 100000000+64", "0 8 R 100002000+16",
                                                "0 8 R 100004000+4096", "0 8 R 100005000+4096",
                                                "0 8 R 100006000+4096", "0 8 W 100001000+16"});
}

TEST_CASE("rings and buffers wrap, long transfers are several commands") {
  const lines got = read(v2 + "f read 0 36864\n");  // 16 + 16 + 4 KiB
  REQUIRE(got.size() == 17);
  CHECK(got[0] == "0 8 R 100000000+64");
  CHECK(got[7] == "0 8 R 100000040+64");
  CHECK(got[8] == "0 8 R 100003000+24");  // the list page of the second entry
  CHECK(got[9] == "0 8 W 100008000+4096");
  CHECK(got[13] == "0 8 W 100001010+16");
  CHECK(read(v2 + "f read 0 32768\nf read 0 4096\n").at(15) == "0 8 W 100004000+4096");
}

TEST_CASE("syncs and trims are commands without data") {
  CHECK(read(v2 + "f sync 0 0\nf datasync 0 0\nf trim 0 4096\n") ==
        lines{"0 8 R 100000000+64", "0 8 W 100001000+16", "0 8 R 100000040+64",
              "0 8 W 100001010+16", "0 8 R 100000000+64", "0 8 W 100001000+16"});
}

TEST_CASE("waits of version 2 add up from 100 us on, version 3 has the time of each line") {
  CHECK(read(v2 + "f sync 0 0\nf wait 250 0\nf wait 99 0\nf sync 0 0\n").back() ==
        "250000 8 W 100001010+16");
  CHECK(read(v3 + "100 f add\n120 f sync 0 0\n170 f sync 0 0\n").back() ==
        "50000 8 W 100001010+16");
  const scratch dir;
  const auto back = workloads::open_trace(dir.file("t", v3 + "5 f sync 0 0\n4 f sync 0 0\n"));
  CHECK(back->about().clock_steps_back == 1);
}

TEST_CASE("a recorded fio log is read whole") {
  const auto source =
      workloads::open_trace(SVASIM_SOURCE_DIR "/workloads/traces/fio_randrw.iolog.gz");
  CHECK(source->about().format == "fio-iolog");
  // 344 reads, 156 writes and a sync: an entry and a completion each.
  std::uint64_t entries = 0;
  std::uint64_t completions = 0;
  for (const trace::record& r : workloads::test::read_all(*source)) {
    entries += !r.write && r.length == 64 && r.address.value() < 0x100010000 ? 1 : 0;
    completions += r.write && r.length == 16 ? 1 : 0;
  }
  CHECK(entries == 501);
  CHECK(completions == 501);
}

TEST_CASE("a bad line of a fio log says why") {
  check_error("fio version 1 iolog\n", "t:1:13: version 1 is not known, only versions 2 and 3");
  check_error(v2 + "f read 0 0\n", "t:2:10: a transfer of no bytes");
  check_error(v2 + "f read 0 1073741825\n", "t:2:10: 1073741825 is above 1073741824");
  check_error(v2 + "f move 0 1\n",
              "t:2:3: the action is add, open, close, read, write, sync, datasync, trim or wait, "
              "not \"move\"");
  check_error(v3 + "1 f wait 200 0\n",
              "t:2:5: the action is add, open, close, read, write, sync, datasync, trim, not "
              "\"wait\"");
  check_error(v3 + "f read 0 1\n", "t:2:1: expected a number, not \"f read 0 1\"");
  check_error(v2 + "f\n", "t:2:2: expected a space and the action, not \"\"");
  check_error(v2 + "f read 0 1 2\n", "t:2:12: expected the end of the line, not \"2\"");
  check_error(v2 + "f wait 17999999999999 0\nf wait 200 0\n",
              "t:3:8: the time is more than 200 days after the start");
}

TEST_CASE("blkparse: a request is issued at D and completed at C, each on the queue of its CPU") {
  const std::string done = "259,0    0        2     0.000081200     0  C   R 63240 + 8 [0]\n";
  CHECK(read(issue + done) ==
        lines{// Queue pair 3 begins 3 * 48 KiB behind the first.
              "0 8 R 100024000+64", "81100 8 W 100028000+4096", "81100 8 W 100025000+16"});
}

TEST_CASE("blkparse: writes are read at D, discards and flushes have no data") {
  CHECK(read("8,0 0 1 0.000000000 1 D WS 8 + 8 [x]\n8,0 0 2 0.000000000 1 D D 16 + 9999 [x]\n"
             "8,0 0 3 0.000000000 1 D FWS 0 [x]\n8,16 0 3 0.000000000 1 D W 8 + 1 [x]\n") ==
        lines{"0 8 R 100000000+64", "0 8 R 100004000+4096", "0 8 R 100000040+64",
              "0 8 R 100000000+64", "0 9 R 100000000+64", "0 9 R 100004000+512"});
}

TEST_CASE("blkparse: other actions, lost partners and the summary at the end are passed over") {
  CHECK(read("259,0 3 1 0.000000000 1 Q R 1 + 8 [x]\n" + issue +
             "259,0 3 1 0.000000200 1 C R 99 + 8 [0]\n259,0 3 1 0.000000300 1 m N cfq foo\n"
             "CPU0 (259,0):\n Reads Queued: 1\n")
            .size() == 1);
  check_error("259,0 3 1 0.000000000 1 Q R 1 + 8 [x]\n",
              "t: blkparse text without issued requests (action D)");
}

TEST_CASE("blkparse: the sample's requests all complete") {
  const auto source =
      workloads::open_trace(SVASIM_SOURCE_DIR "/workloads/traces/blkparse_sample.txt");
  CHECK(source->about().format == "blkparse");
  std::uint64_t read_bytes = 0;
  std::uint64_t written = 0;
  std::uint64_t completions = 0;
  for (const trace::record& r : workloads::test::read_all(*source)) {
    if (r.write && r.length == 16) {
      ++completions;
    } else if (r.write) {
      read_bytes += r.length;
    } else if (r.length == 4096) {
      written += r.length;
    }
  }
  CHECK(completions == 6);
  CHECK(read_bytes == (8 + 1024 + 1024) * 512);
  CHECK(written == 64 * 512);
}

TEST_CASE("blkparse: a bad line says why") {
  check_error(issue + "?\n", "t:2:1: expected a number, not \"?\"");
  check_error(issue + "259 0\n", "t:2:4: expected MAJOR,MINOR, not \" 0\"");
  check_error(issue + "259,0 3 1 0.0001 1 D R 1 + 8 [x]\n",
              "t:2:13: expected nine digits of nanoseconds");
  check_error(issue + "259,0 3 1 0.000000000 1\n", "t:2:24: the line ends before the action");
  check_error(issue + "259,0 3 1 0.000000000 1 D R 1 + 2097153 [x]\n",
              "t:2:33: 2097153 is above 2097152");
  check_error(issue + "259,0 3 1 99999999.000000000 1 D R 1 + 8 [x]\n",
              "t:2:1: the time is more than 200 days after the first record");
}
