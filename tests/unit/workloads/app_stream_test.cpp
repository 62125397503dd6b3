// The accesses of programs: page runs and valgrind lackey logs.
#include <catch2/catch.hpp>

#include "test_files.h"
#include "workloads/convert.h"
#include "workloads/single_accesses.h"

using namespace svasim;
using workloads::test::error_of;
using workloads::test::read_all;
using workloads::test::scratch;

namespace {

const std::string lackey =
    "==1234== Lackey, an example Valgrind tool\n"
    "==1234== Command: ./a.out\n"
    "I  04008c84,2\n"
    " L 1ffefffe80,8\n"
    " S 1ffeffffff,4\n"
    "I  04008c86,1\n"
    " M 04a31000,16\n"
    "==1234== Counted 1 call to main()\n";

void check_error(const std::string& content, const std::string& expected) {
  const scratch dir;
  INFO(content);
  CHECK(error_of(dir, dir.file("t", content)) == expected);
}

}  // namespace

TEST_CASE("a page run is one record of stream 0 with its further accesses as repeats") {
  const scratch dir;
  const auto source = workloads::open_trace(dir.file("t", "R 1fff000 1\nW 4a31 3\r\n"));
  const trace::summary& s = source->about();
  CHECK(s.format == "page-runs");
  CHECK(s.lines == 2);
  CHECK(s.runs == 2);
  CHECK(s.accesses == 4);
  REQUIRE(s.streams.size() == 1);
  CHECK(s.streams[0].sid == base::stream_id(0));
  CHECK(s.streams[0].accesses == 4);
  const auto r = read_all(*source);
  REQUIRE(r.size() == 2);
  CHECK(r[0].address == base::iova(0x1fff000000));
  CHECK(r[0].repeats == 0);
  CHECK_FALSE(r[0].write);
  CHECK(r[1].address == base::iova(0x4a31000));
  CHECK(r[1].repeats == 2);
  CHECK(r[1].write);
  CHECK(r[1].length == 8);
  CHECK_FALSE(r[1].has_ssid);
  CHECK_FALSE(r[1].has_output);
  CHECK(r[1].line == 2);
}

TEST_CASE("a lackey log gives each data access with its size, a modify as one write") {
  const scratch dir;
  const auto source = workloads::open_trace(dir.file("t", lackey));
  CHECK(source->about().format == "lackey");
  CHECK(source->about().lines == 8);
  CHECK(source->about().runs == 3);
  CHECK(source->about().accesses == 3);
  const auto r = read_all(*source);
  REQUIRE(r.size() == 3);
  CHECK(r[0].address == base::iova(0x1ffefffe80));
  CHECK(r[0].length == 8);
  CHECK_FALSE(r[0].write);
  CHECK(r[0].line == 4);
  CHECK(r[1].address == base::iova(0x1ffeffffff));
  CHECK(r[1].write);
  CHECK(r[2].length == 16);
  CHECK(r[2].write);
  CHECK(r[2].sid == base::stream_id(0));
}

TEST_CASE("a lackey log is known by its first access or by what valgrind says") {
  const scratch dir;
  for (const char* start : {" L 10,4\n", "I  10,4\n", "==1== Lackey, an example Valgrind tool\n"}) {
    CHECK(workloads::open_trace(dir.file("t", start))->about().format == "lackey");
  }
}

TEST_CASE("a bad line of page runs names its column") {
  const std::string good = "R 1fff000 1\n";
  check_error(good + "X 1 1\n",
              "t:2:1: expected \"R PAGE COUNT\" or \"W PAGE COUNT\", not \"X 1 1\"");
  check_error(good + "\n", "t:2:1: expected \"R PAGE COUNT\" or \"W PAGE COUNT\", not \"\"");
  check_error(good + "R g 1\n", "t:2:3: expected a number, not \"g 1\"");
  check_error(good + "R 0x1 1\n", "t:2:3: expected a number, not \"0x1 1\"");
  check_error(good + "R 10000000000000 1\n", "t:2:3: 0x10000000000000 is above 0xfffffffffffff");
  check_error(good + "R 1\n", "t:2:4: expected a space and the count, not \"\"");
  check_error(good + "R 1 0\n", "t:2:5: a run of no accesses");
  check_error(good + "R 1 -1\n", "t:2:5: expected a number, not \"-1\"");
  check_error(good + "R 1 4294967297\n", "t:2:5: 4294967297 is above 4294967296");
  check_error(good + "R 1 1 1\n", "t:2:6: expected the end of the line, not \" 1\"");
}

TEST_CASE("a bad line of a lackey log names its column") {
  const std::string good = " L 1fff000,8\n";
  check_error(good + " X 10,4\n",
              "t:2:1: expected I, L, S or M with ADDRESS,SIZE, not \" X 10,4\"");
  check_error(good + "\n", "t:2:1: expected I, L, S or M with ADDRESS,SIZE, not \"\"");
  check_error(good + "== not a number ==\n",
              "t:2:1: expected I, L, S or M with ADDRESS,SIZE, not \"== not a number ==\"");
  check_error(good + " L x,4\n", "t:2:4: expected a number, not \"x,4\"");
  check_error(good + " L 10\n", "t:2:6: expected a comma and the size, not \"\"");
  check_error(good + " L 10,0\n", "t:2:7: an access of no bytes");
  check_error(good + "I  10,65537\n", "t:2:7: 65537 is above 65536");
  check_error(good + " S ffffffffffffffff,2\n",
              "t:2:21: the access runs over the end of the address space");
  check_error(good + " L 10,4 \n", "t:2:8: expected the end of the line, not \" \"");
}

TEST_CASE("the largest run there is counts right through .svt and CSV") {
  const scratch dir;
  const std::string runs = dir.file("t", "R 1 4294967296\nW 1 4294967296\n");
  for (const auto format : {workloads::trace_format::svt, workloads::trace_format::csv}) {
    workloads::convert(*workloads::open_trace(runs), dir.path("u"), format);
    const auto back = workloads::open_trace(dir.path("u"));
    CHECK(back->about().accesses == std::uint64_t{1} << 33);
    CHECK(back->about().runs == 2);
    CHECK(read_all(*back).at(1).repeats == 0xffffffff);
  }
}

TEST_CASE("a CSV line without repeats is a single access") {
  const scratch dir;
  const auto source = workloads::open_trace(
      dir.file("t", "#svasim-trace v1\n0,A,8,,0x1000,64,R,,3\n0,A,8,,0x1000,64,R,,3,2\n"));
  CHECK(source->about().accesses == 4);
  const auto r = read_all(*source);
  CHECK(r.at(0).repeats == 0);
  CHECK(r.at(1).repeats == 2);
}

TEST_CASE("runs taken apart are single accesses in the same order") {
  const scratch dir;
  workloads::single_accesses source(workloads::open_trace(dir.file("t", "R 1 1\nW 2 3\nR 1 2\n")));
  CHECK(source.about().accesses == 6);
  CHECK(source.about().runs == 6);
  std::string pages;
  for (const trace::record& r : read_all(source)) {
    CHECK(r.repeats == 0);
    pages += std::to_string(r.address.page(12)) + (r.write ? "W" : "R");
  }
  CHECK(pages == "1R2W2W2W1R1R");
}
