// Files made to do harm: whatever they hold, they are read or refused with base::input_error.
#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "test_files.h"
#include "workloads/digest.h"
#include "workloads/svt_format.h"

using namespace svasim;
using workloads::test::error_of;
using workloads::test::scratch;
using workloads::test::zstd;

namespace {

std::string word(std::uint64_t v, unsigned bytes) {
  std::string out;
  for (unsigned i = 0; i < bytes; ++i) out += static_cast<char>(v >> (8 * i) & 0xff);
  return out;
}

std::string varint(std::uint64_t v) {
  std::string out;
  for (; v >= 0x80; v >>= 7) out += static_cast<char>((v & 0x7f) | 0x80);
  return out + static_cast<char>(v);
}

// A .svt file whose checksums are all right: one block of `plain`, said to hold `records`.
std::string svt_of(const std::string& plain, std::uint32_t records, const std::string& footer,
                   std::uint32_t version = 1) {
  namespace svt = workloads::svt;
  const std::string frame = zstd(plain);
  std::string out = std::string(svt::magic) + word(version, 4) + word(0, 4);
  out += word(svt::block_magic, 4) + word(frame.size(), 4) + word(plain.size(), 4) +
         word(records, 4) + word(0, 8) + frame;
  workloads::digest sum;
  sum.add(footer);
  const std::string trailer = word(out.size(), 8) + word(footer.size(), 8) + word(sum.value(), 8);
  return out + footer + trailer + std::string(svt::end_magic);
}

std::string footer_of(std::uint64_t accesses, std::uint64_t records) {
  std::string out = varint(accesses);
  for (int i = 0; i < 7; ++i) out += varint(0);
  out += varint(12) + varint(0) + varint(0);  // granule, page size, lazy
  out += varint(0) + varint(0);               // opcodes, streams
  return out + varint(1) + varint(16) + varint(records) + varint(0);
}

std::string some_bytes() {
  std::string out;
  for (const auto b : *rc::gen::container<std::vector<std::uint8_t>>(
           rc::gen::oneOf(rc::gen::arbitrary<std::uint8_t>(), rc::gen::inRange<std::uint8_t>(0, 4),
                          rc::gen::just<std::uint8_t>(0xff)))) {
    out += static_cast<char>(b);
  }
  return out;
}

// Read to the end, or refused; anything else fails the test.
bool survives(const scratch& dir, const std::string& content) {
  error_of(dir, dir.file("t", content));
  return true;
}

}  // namespace

TEST_CASE("a well-formed one-record .svt file made by hand is read") {
  const scratch dir;
  // Access: head (same length 0 is not set: length follows), time 5, stream 0 = sid 8, address
  // +2, 64.
  const std::string plain = std::string("\x00\x05\x00\x08\x04\x40", 6);
  CHECK(error_of(dir, dir.file("t", svt_of(plain, 1, footer_of(1, 1)))) == "");
  const std::string lying = svt_of(plain, 1, footer_of(2, 1));
  CHECK(error_of(dir, dir.file("t", lying)) ==
        "t: the .svt footer counts 2 records, 2 accesses; the file has 1, 1 at byte " +
            std::to_string(lying.size()));
}

TEST_CASE(
    "a version 2 .svt file made by hand has runs and requests, a version 1 file has neither") {
  const scratch dir;
  // As above with 3 repeats: head bit 7, attributes permission 3 and repeats.
  const std::string run = std::string("\x80\x05\x00\x08\x04\x40\x0b\x03", 8);
  // Request: head 7, time 0, unmap, domain 1, address +0x1000 (zigzag 0x2000), 0xfff to the last.
  const std::string unmap = std::string("\x07\x00\x04\x01\x80\x40\xff\x1f", 8);
  // Single accesses, then attach, detach, map, unmap.
  const std::string extension = std::string("\x04\x00\x00\x00\x01", 5);
  const std::string both = svt_of(run + unmap, 2, footer_of(1, 2) + extension, 2);
  const auto source = workloads::open_trace(dir.file("t", both));
  CHECK(source->about().runs == 1);
  CHECK(source->about().accesses == 4);
  CHECK(source->about().requests == 1);
  const auto r = workloads::test::read_all(*source);
  REQUIRE(r.size() == 2);
  CHECK(r[0].repeats == 3);
  CHECK(r[1].request == trace::request_type::unmap);
  CHECK(r[1].domain == 1);
  CHECK(r[1].address == base::iova(0x1000));
  CHECK(r[1].last == 0x1fff);
  CHECK(error_of(dir, dir.file("t", svt_of(run, 1, footer_of(1, 1)))) ==
        "t: damaged record 1 in the block at byte 16");
  CHECK(error_of(dir, dir.file("t", svt_of(unmap, 1, footer_of(0, 1)))) ==
        "t: damaged record 1 in the block at byte 16");
}

TEST_CASE("a block that holds more or less than its records is refused") {
  const scratch dir;
  const std::string plain = std::string("\x00\x05\x00\x08\x04\x40", 6);
  const std::string damaged = "t: damaged record 1 in the block at byte 16";
  CHECK(error_of(dir, dir.file("t", svt_of(plain + "x", 1, footer_of(1, 1)))) == damaged);
  CHECK(error_of(dir, dir.file("t", svt_of(plain.substr(0, 5), 1, footer_of(1, 1)))) == damaged);
  CHECK(error_of(dir, dir.file("t", svt_of("", 1, footer_of(1, 1)))) == damaged);
  CHECK(error_of(dir, dir.file("t", svt_of(plain, 2, footer_of(2, 2)))) ==
        "t: damaged record 2 in the block at byte 16");
  CHECK(error_of(dir, dir.file("t", svt_of(plain, 2, footer_of(1, 1)))) ==
        "t: damaged block header at byte 16");
}

TEST_CASE("a .svt block of any bytes does no harm") {
  const scratch dir;
  REQUIRE(rc::check([&] {
    const auto records = *rc::gen::inRange<std::uint32_t>(1, 20);
    const std::string plain = some_bytes();
    return survives(dir, svt_of(plain, records, footer_of(1, records))) &&
           survives(dir, svt_of(plain, records,
                                footer_of(1, records) + std::string("\1\0\0\0\0", 5), 2));
  }));
}

TEST_CASE("a .svt footer of any bytes does no harm") {
  const scratch dir;
  REQUIRE(rc::check([&] {
    const std::string footer = some_bytes();
    return survives(dir, svt_of("\x01", 1, footer)) && survives(dir, svt_of("\x01", 1, footer, 2));
  }));
}

TEST_CASE("counts in a .svt footer do not make memory") {
  const scratch dir;
  std::string footer = footer_of(1, 1);
  footer = footer.substr(0, 11) + varint(0) + varint(~std::uint64_t{0} >> 1);
  CHECK(
      error_of(dir, dir.file("t", svt_of("", 1, footer))).find("t: damaged .svt footer at byte") ==
      0);
}

TEST_CASE("text of any bytes does no harm") {
  const scratch dir;
  const std::string line = "1@1700000000.000001:smmuv3_range_inval vmid=0 asid=1 addr=0x1000 tg=1 ";
  const std::string map = "1@1700000000.000001:virtio_iommu_map domain=1 virt_start=";
  REQUIRE(rc::check([&] {
    return survives(dir, map + some_bytes()) && survives(dir, "R 1 1\nW " + some_bytes()) &&
           survives(dir, " L 1,1\n S " + some_bytes()) &&
           survives(dir, line + "num_pages=" + some_bytes()) &&
           survives(dir, line + some_bytes()) &&
           survives(dir, "#svasim-trace v1\n0,A," + some_bytes()) && survives(dir, some_bytes()) &&
           survives(dir, "\x1f\x8b" + some_bytes()) &&
           survives(dir, "\x28\xb5\x2f\xfd" + some_bytes());
  }));
}

TEST_CASE("a small file that unpacks to a huge line is refused in little memory") {
  const scratch dir;
  const std::string bomb = workloads::test::gzip(std::string(64 << 20, '1'));
  CHECK(error_of(dir, dir.file("t", bomb)).find("t: the file is text of an unknown kind") == 0);
  const std::string late = workloads::test::gzip(
      "1@1700000000.000001:smmuv3_get_ste STE addr: 0\n" + std::string(64 << 20, '1'));
  CHECK(error_of(dir, dir.file("t", late)) == "t:2: the line is longer than 64 KiB");
}

TEST_CASE("a log with more streams than a trace may have is refused") {
  const scratch dir;
  std::string log;
  for (unsigned i = 0; i <= 65536; ++i) {
    log += "1@1700000000.000001:smmuv3_translate_success m sid=" + std::to_string(i) +
           " iova=0x1000 translated=0x1000 perm=0x3\n";
  }
  CHECK(error_of(dir, dir.file("t", log)) == "t: the trace has more than 65536 streams");
}
