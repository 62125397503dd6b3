// Packet captures as a network controller's rings.
#include <catch2/catch.hpp>

#include "test_files.h"

using namespace svasim;
using workloads::test::error_of;
using workloads::test::gzip;
using workloads::test::scratch;
using workloads::test::texts_of;
using lines = std::vector<std::string>;

namespace {

struct form {
  bool big = false;
  bool nanoseconds = false;
};

std::string word(std::uint32_t v, bool big, unsigned bytes = 4) {
  std::string out;
  for (unsigned i = 0; i < bytes; ++i) {
    out += static_cast<char>(v >> (8 * (big ? bytes - 1 - i : i)) & 0xff);
  }
  return out;
}

std::string heading(form f, std::uint32_t link = 1) {
  return word(f.nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, f.big) + word(2, f.big, 2) +
         word(4, f.big, 2) + word(0, f.big) + word(0, f.big) + word(65535, f.big) +
         word(link, f.big);
}

// A packet whose Ethernet source ends with `from`.
std::string packet(form f, std::uint32_t fraction, std::uint32_t length, char from = 1,
                   std::uint32_t seconds = 100) {
  std::string data(std::min(length, 60u), '\0');
  if (data.size() >= 12) data[11] = from;
  return word(seconds, f.big) + word(fraction, f.big) +
         word(static_cast<std::uint32_t>(data.size()), f.big) + word(length, f.big) + data;
}

// Receive ring at 100000000, transmit ring at 100001000, receive buffers from 100002000, transmit
// buffers from 100006000.
lines read(const std::string& content, bool with_mac = false) {
  const scratch dir;
  workloads::open_options o;
  o.nic.layout.entries = 8;
  o.nic.layout.burst = 4;
  if (with_mac) o.nic.host_mac = workloads::parse_mac("00:00:00:00:00:02");
  return texts_of(dir.file("t", content), o);
}

void check_error(const std::string& content, const std::string& expected) {
  const scratch dir;
  CHECK(error_of(dir, dir.file("t", content)) == expected);
}

}  // namespace

TEST_CASE("descriptors are fetched in bursts, each packet is written and its descriptor back") {
  const form f;
  CHECK(read(heading(f) + packet(f, 0, 60) + packet(f, 7, 1500)) ==
        lines{"0 8 R 100000000+64", "0 8 W 100002000+60", "0 8 W 100000000+16",
              "7000 8 W 100002800+1500", "7000 8 W 100000010+16"});
}

TEST_CASE("a packet longer than a buffer takes several descriptors") {
  const form f;
  CHECK(read(heading(f) + packet(f, 0, 5000)) == lines{"0 8 R 100000000+64", "0 8 W 100002000+2048",
                                                       "0 8 W 100000000+16", "0 8 W 100002800+2048",
                                                       "0 8 W 100000010+16", "0 8 W 100003000+904",
                                                       "0 8 W 100000020+16"});
}

TEST_CASE("the rings wrap") {
  const form f;
  std::string nine = heading(f);
  for (unsigned i = 0; i < 9; ++i) nine += packet(f, i, 60);
  const lines got = read(nine);
  REQUIRE(got.size() == 9 * 2 + 3);  // three fetches
  CHECK(got[18] == "8000 8 R 100000000+64");
  CHECK(got[19] == "8000 8 W 100002000+60");
}

TEST_CASE("what comes from the machine's address is sent: read, descriptor by descriptor") {
  const form f;
  CHECK(read(heading(f) + packet(f, 0, 100, 2) + packet(f, 1, 60, 1), true) ==
        lines{"0 8 R 100001000+16", "0 8 R 100006000+100", "0 8 W 100001000+16",
              "1000 8 R 100000000+64", "1000 8 W 100002000+60", "1000 8 W 100000000+16"});
}

TEST_CASE("either byte order, micro- and nanoseconds, plain and compressed say the same") {
  lines first;
  for (const bool big : {false, true}) {
    for (const bool nanoseconds : {false, true}) {
      const form f{big, nanoseconds};
      const std::uint32_t unit = nanoseconds ? 1000 : 1;
      const std::string all = heading(f) + packet(f, 3 * unit, 60) + packet(f, 9 * unit, 70);
      const lines got = read(all);
      if (first.empty()) first = got;
      CHECK(got == first);
      CHECK(read(gzip(all)) == first);
    }
  }
  CHECK(first.back() == "6000 8 W 100000010+16");
}

TEST_CASE("a capture counts its packets and steps back of the clock") {
  const scratch dir;
  const form f;
  const auto source = workloads::open_trace(
      dir.file("t", heading(f) + packet(f, 5, 60) + packet(f, 4, 60) + packet(f, 4, 0)));
  CHECK(source->about().format == "pcap");
  CHECK(source->about().lines == 3);
  CHECK(source->about().clock_steps_back == 2);
}

TEST_CASE("a recorded capture is read whole, both ways") {
  const std::string file = SVASIM_SOURCE_DIR "/workloads/traces/tcp_loopback.pcap.gz";
  workloads::open_options o;
  o.nic.host_mac = workloads::parse_mac("02:00:00:00:00:02");
  std::uint64_t bytes = 0;
  std::uint64_t sent = 0;
  for (const trace::record& r : workloads::test::read_all(*workloads::open_trace(file, o))) {
    const std::uint64_t offset = r.address.value() - 0x100000000;
    if (offset < 2 * 8192) continue;  // rings
    bytes += r.length;
    sent += r.write ? 0 : r.length;
  }
  CHECK(bytes == 92332);
  CHECK(sent < bytes);
  CHECK(sent > 0);
}

TEST_CASE("a capture that is damaged names the packet and the byte") {
  const form f;
  const std::string good = heading(f) + packet(f, 0, 60);
  check_error(heading(f).substr(0, 20), "t: the capture ends within its heading at byte 0");
  check_error(good + "123", "t: packet 2 ends within its heading at byte 100");
  check_error(good.substr(0, 99), "t: packet 1 ends within its data at byte 99");
  check_error(good + packet(f, 1000000, 60),
              "t: packet 2 has 1000000 microseconds beyond its second at byte 116");
  check_error(good + packet(f, 0, 262145),
              "t: packet 2 has 262145 bytes, above 256 KiB at byte 116");
  check_error(good + packet(f, 0, 60, 1, 4000000000),
              "t: packet 2 is more than 200 days after the first at byte 116");
  std::string other = good;
  other[4] = 3;
  check_error(other, "t: pcap version 3 is not known, only 2 at byte 24");
  check_error("\x0a\x0d\x0d\x0a 1234",
              "t: the file is a pcapng capture (editcap -F pcap writes the classic form); svasim "
              "trace import --help lists what can be read");
}

TEST_CASE("an Ethernet address is six bytes") {
  CHECK(workloads::parse_mac("0a:1B:00:00:00:ff") ==
        workloads::mac_address{0x0a, 0x1b, 0, 0, 0, 0xff});
  CHECK(!workloads::parse_mac("0a:1b:00:00:00"));
  CHECK(!workloads::parse_mac("0a-1b-00-00-00-ff"));
  CHECK(!workloads::parse_mac("0a:1b:00:00:00:fg"));
  const scratch dir;
  workloads::open_options o;
  o.nic.host_mac = workloads::parse_mac("0a:1b:00:00:00:ff");
  CHECK_THROWS_WITH(
      workloads::open_trace(dir.file("t", heading({}, 113)), o),
      dir.path("t") +
          ": packets without Ethernet header cannot be told by their MAC address at byte 24");
}
