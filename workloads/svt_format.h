// Layout of a .svt file, svasim's compact binary trace, version 3. All integers little-endian;
// `varint` is LEB128, `delta` a zigzag varint.
//
//   header   magic[8], u32 version, u32 zero
//   block*   block_header below, then one LZ4 block
//   footer   the summary and an index (offset, records, first time of each block), as varints; then
//            the count of single accesses, of requests by type (attach, detach, map, unmap), and
//            for each stream of the summary its domain + 1, or 0
//   trailer  u64 footer offset, u64 footer size, u64 XXH64 of the footer, end magic[8]
//
// Blocks stand alone: what deltas refer to starts anew in each. Unpacked, a block has two columns:
// for each record the varint of the time since the one before, in units of the block; then the
// records. A record is a head byte (bits 1:0 its kind) and
//   access   [stream index; a new one is followed by its StreamID], address delta in the stream,
//            [length], [output - address, delta], [attributes byte: permission, has_ssid,
//            has_repeats, [ssid], [repeats]]; the head's bits tell which of the bracketed are there
//   command  opcode byte, [word 0 ^ word 0 of the last one with this opcode, which the block begins
//            with as the opcode alone], [word 1 - its word 1, delta]; the head tells which there
//            are
//   leaf     asid, vmid, address delta to the leaf before, byte level | granule code << 2
//   event    StreamID, event number byte
//   request  type byte, domain; attach and detach: endpoint; map and unmap: first address as for a
//            leaf, last - first; a map: output, flags byte
//
// LZ4, and not a denser code, as it unpacks faster than records are decoded. Versions 1 and 2 are
// not read: their files are imported anew.
#pragma once

#include <xxhash.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace svasim::workloads::svt {

constexpr std::string_view magic{"\x89SVT\r\n\x1a\n", 8};
constexpr std::string_view end_magic{"SVTEND\r\n", 8};
constexpr std::uint32_t version = 3;
constexpr std::uint32_t block_magic = 0x314b4c42;  // "BLK1"

/// Before each block. Without padding, as it is in the file.
struct block_header {
  std::uint32_t magic;
  std::uint32_t packed;  ///< bytes
  std::uint32_t plain;   ///< bytes
  std::uint32_t times;   ///< bytes of the first column
  std::uint32_t records;
  std::uint32_t zero;
  std::uint64_t first_time;  ///< of its first record, ps
  std::uint64_t unit;        ///< of its times, ps
  std::uint64_t digest;  ///< XXH64 of the packed bytes, seeded with that of the header before it
};
static_assert(sizeof(block_header) == 48 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
/// What `digest` should be.
inline std::uint64_t digest_of(const block_header& h, const void* packed) {
  return XXH64(packed, h.packed, XXH64(&h, offsetof(block_header, digest), 0));
}

constexpr std::size_t header_size = 16;
constexpr std::size_t max_time = 10;  ///< bytes of a varint
constexpr std::size_t trailer_size = 32;

/// What a writer puts into a block, and what a reader accepts.
constexpr std::uint32_t records_per_block = 45056;
constexpr std::uint32_t max_block_records = 1 << 16;
constexpr std::size_t max_record = 64;
constexpr std::uint32_t max_plain = max_block_records * (max_record + max_time);
constexpr std::uint32_t max_packed = max_plain + (1 << 16);
constexpr std::uint64_t max_footer = std::uint64_t{256} << 20;

// Bits of an access' head byte.
constexpr std::uint8_t head_write = 1 << 2;
constexpr std::uint8_t head_same_stream = 1 << 3;  ///< as the access before
constexpr std::uint8_t head_same_length = 1 << 4;  ///< as the last in this stream, and so on
constexpr std::uint8_t head_output = 1 << 5;
constexpr std::uint8_t head_same_offset = 1 << 6;
constexpr std::uint8_t head_attributes = 1 << 7;  ///< permission or ssid differ, or repeats
constexpr std::uint8_t attribute_ssid = 1 << 2;
constexpr std::uint8_t attribute_repeats = 1 << 3;
// Bits of a command's head byte.
constexpr std::uint8_t head_word0 = 1 << 2;  ///< word 0 differs, and so on
constexpr std::uint8_t head_word1 = 1 << 3;
/// Head of a request: the two bits for the kind do not reach.
constexpr std::uint8_t head_request = 7;

/// What the next access of a stream in the same block is told apart from.
struct stream_state {
  std::uint32_t sid = 0;
  std::uint32_t length = 0;
  std::uint64_t address = 0;
  std::uint64_t offset = 0;  ///< output - address
  std::uint32_t ssid = 0;
  bool has_ssid = false;
  std::uint8_t permission = 3;
};

/// The last command of each opcode in a block.
class last_commands {
 public:
  using command = std::array<std::uint64_t, 2>;
  last_commands() { clear(); }
  void clear() {
    for (std::size_t i = 0; i < m_last.size(); ++i) m_last[i] = {i, 0};
  }
  command& operator[](std::uint8_t opcode) { return m_last[opcode]; }

 private:
  std::array<command, 256> m_last;
};

constexpr std::uint64_t zigzag(std::uint64_t v) {
  return (v << 1) ^ (0 - (v >> 63));
}
constexpr std::uint64_t unzigzag(std::uint64_t v) {
  return (v >> 1) ^ (0 - (v & 1));
}

}  // namespace svasim::workloads::svt
