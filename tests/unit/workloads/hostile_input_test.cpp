// Files made to do harm: whatever they hold, they are read or refused with base::input_error.
#include <lz4.h>
#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "test_files.h"
#include "workloads/svt_format.h"

using namespace svasim;
using workloads::test::error_of;
using workloads::test::scratch;

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

// A .svt file whose digests are all right: one block of two columns, said to hold `records`.
std::string svt_of(const std::string& times, const std::string& body, std::uint32_t records,
                   const std::string& footer, std::uint64_t unit = 1) {
  namespace svt = workloads::svt;
  const std::string plain = times + body;
  std::string packed(static_cast<std::size_t>(LZ4_compressBound(int(plain.size()))), '\0');
  packed.resize(static_cast<std::size_t>(
      LZ4_compress_default(plain.data(), packed.data(), int(plain.size()), int(packed.size()))));
  svt::block_header h{};
  h.magic = svt::block_magic;
  h.packed = static_cast<std::uint32_t>(packed.size());
  h.plain = static_cast<std::uint32_t>(plain.size());
  h.times = static_cast<std::uint32_t>(times.size());
  h.records = records;
  h.unit = unit;
  h.digest = svt::digest_of(h, packed.data());
  std::string out = std::string(svt::magic) + word(svt::version, 4) + word(0, 4);
  out += std::string(reinterpret_cast<const char*>(&h), sizeof h) + packed;
  const std::string trailer = word(out.size(), 8) + word(footer.size(), 8) +
                              word(XXH64(footer.data(), footer.size(), 0), 8);
  return out + footer + trailer + std::string(svt::end_magic);
}

// Of a file with one block; `requests`: attach, detach, map, unmap.
std::string footer_of(std::uint64_t runs, std::uint64_t records, std::uint64_t accesses,
                      std::uint64_t commands = 0, const std::string& requests = {"\0\0\0\0", 4}) {
  std::string out = varint(runs) + varint(commands);
  for (int i = 0; i < 6; ++i) out += varint(0);
  out += varint(12) + varint(0) + varint(0);  // granule, page size, lazy
  out += varint(0) + varint(0);               // opcodes, streams
  return out + varint(1) + varint(16) + varint(records) + varint(0) + varint(accesses) + requests;
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

// Access: head (same length 0 is not set: length follows), stream 0 = sid 8, address +2, 64 bytes.
const std::string one_access("\x00\x00\x08\x04\x40", 5);

TEST_CASE("a well-formed one-record .svt file made by hand is read") {
  const scratch dir;
  const std::string good = svt_of("\x05", one_access, 1, footer_of(1, 1, 1), 1000);
  CHECK(error_of(dir, dir.file("t", good)) == "");
  const auto r = workloads::test::read_all(*workloads::open_trace(dir.path("t")));
  REQUIRE(r.size() == 1);
  CHECK(r[0].time == base::ns(5));
  CHECK(r[0].address == base::iova(2));
  const std::string lying = svt_of("\x05", one_access, 1, footer_of(2, 1, 2));
  CHECK(error_of(dir, dir.file("t", lying)) ==
        "t: the .svt footer counts 2 records, 2 accesses; the file has 1, 1 at byte " +
            std::to_string(lying.size()));
}

TEST_CASE("a .svt file made by hand has runs and requests") {
  const scratch dir;
  // As above with 3 repeats: head bit 7, attributes permission 3 and repeats.
  const std::string run("\x80\x00\x08\x04\x40\x0b\x03", 7);
  // Request: head 7, unmap, domain 1, address +0x1000 (zigzag 0x2000), 0xfff to the last.
  const std::string unmap("\x07\x04\x01\x80\x40\xff\x1f", 7);
  const std::string both =
      svt_of({"\5\0", 2}, run + unmap, 2, footer_of(1, 2, 4, 0, {"\0\0\0\1", 4}));
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
}

TEST_CASE("commands of a .svt file are told apart from the last of their opcode") {
  const scratch dir;
  // CMD_SYNC (0x46): word 0 ^ 0x1000, word 1 + 8; then the same again, then word 1 + 8 alone.
  const std::string first("\x0d\x46\x80\x20\x10", 5);
  const std::string again("\x01\x46", 2);
  const std::string next("\x09\x46\x10", 3);
  const std::string file = svt_of({"\0\0\0", 3}, first + again + next, 3, footer_of(0, 3, 0, 3));
  const auto r = workloads::test::read_all(*workloads::open_trace(dir.file("t", file)));
  REQUIRE(r.size() == 3);
  CHECK(r[0].command == std::array<std::uint64_t, 2>{0x1046, 8});
  CHECK(r[1].command == r[0].command);
  CHECK(r[2].command == std::array<std::uint64_t, 2>{0x1046, 16});
  CHECK(error_of(dir, dir.file("t", svt_of("\1", "\x11\x46", 1, footer_of(0, 1, 0, 1)))) ==
        "t: damaged record 1 in the block at byte 16");
}

TEST_CASE("a block that holds more or less than its records is refused") {
  const scratch dir;
  const std::string damaged = "t: damaged record 1 in the block at byte 16";
  const auto error = [&](const std::string& file) { return error_of(dir, dir.file("t", file)); };
  const std::string footer = footer_of(1, 1, 1);
  CHECK(error(svt_of("\5", one_access + "x", 1, footer)) == damaged);
  CHECK(error(svt_of("\5", one_access.substr(0, 4), 1, footer)) == damaged);
  CHECK(error(svt_of("\5", "", 1, footer)) == damaged);
  CHECK(error(svt_of("\5\5", one_access, 1, footer)) == damaged);
  CHECK(error(svt_of("", one_access, 1, footer)) == damaged);
  CHECK(error(svt_of("\x85", one_access, 1, footer)) == damaged);
  CHECK(error(svt_of("\5", one_access, 1, footer, ~std::uint64_t{0})) == damaged);
  CHECK(error(svt_of("\5\5", one_access, 2, footer_of(2, 2, 2))) ==
        "t: damaged record 2 in the block at byte 16");
  CHECK(error(svt_of("\5", one_access, 2, footer)) == "t: damaged block header at byte 16");
}

TEST_CASE("a .svt block of any bytes does no harm") {
  const scratch dir;
  REQUIRE(rc::check([&] {
    const auto records = *rc::gen::inRange<std::uint32_t>(1, 20);
    const auto unit = *rc::gen::arbitrary<std::uint64_t>();
    return survives(dir,
                    svt_of(some_bytes(), some_bytes(), records, footer_of(1, records, 1), unit));
  }));
}

TEST_CASE("a .svt footer of any bytes does no harm") {
  const scratch dir;
  REQUIRE(rc::check([&] { return survives(dir, svt_of("\1", "\1", 1, some_bytes())); }));
}

TEST_CASE("counts in a .svt footer do not make memory") {
  const scratch dir;
  std::string footer = footer_of(1, 1, 1);
  footer = footer.substr(0, 11) + varint(0) + varint(~std::uint64_t{0} >> 1);
  CHECK(error_of(dir, dir.file("t", svt_of("\1", "", 1, footer)))
            .find("t: damaged .svt footer at byte") == 0);
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
