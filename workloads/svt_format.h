// Layout of a .svt file, svasim's compact binary trace, version 2. All integers little-endian;
// `varint` is LEB128, `delta` a zigzag varint.
//
//   header   magic[8], u32 version, u32 zero
//   block*   u32 "BLK1", u32 packed size, u32 plain size, u32 records, u64 time of its first record
//   (ps),
//            one zstd frame with checksum
//   footer   the summary and an index (offset, records, first time of each block), as varints; then
//            the count of single accesses, of requests by type (attach, detach, map, unmap), and
//            for each stream of the summary its domain + 1, or 0
//   trailer  u64 footer offset, u64 footer size, u64 FNV-1a 64 of the footer, end magic[8]
//
// Blocks stand alone: what deltas refer to starts anew in each. A record of a block is a head byte
// (bits 1:0 its kind), the varint of the time since the record before, and then
//   access   [stream index; a new one is followed by its StreamID], address delta in the stream,
//            [length], [output - address, delta], [attributes byte: permission, has_ssid,
//            has_repeats, [ssid], [repeats]]; the head's bits tell which of the bracketed are there
//   command  its 16 bytes
//   leaf     asid, vmid, address delta to the leaf before, byte level | granule code << 2
//   event    StreamID, event number byte
//   request  type byte, domain; attach and detach: endpoint; map and unmap: first address as for a
//            leaf, last - first; a map: output, flags byte
//
// Version 1, still read, ends its footer with the index and has neither repeats nor requests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace svasim::workloads::svt {

constexpr std::string_view magic{"\x89SVT\r\n\x1a\n", 8};
constexpr std::string_view end_magic{"SVTEND\r\n", 8};
constexpr std::uint32_t version = 2;
constexpr std::uint32_t oldest_version = 1;
constexpr std::uint32_t block_magic = 0x314b4c42;  // "BLK1"

constexpr std::size_t header_size = 16;
constexpr std::size_t block_header_size = 24;
constexpr std::size_t trailer_size = 32;

/// What a writer puts into a block, and what a reader accepts.
constexpr std::uint32_t records_per_block = 45056;
constexpr std::uint32_t max_block_records = 1 << 16;
constexpr std::size_t max_record = 64;
constexpr std::uint32_t max_plain = max_block_records * max_record;
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

constexpr std::uint64_t zigzag(std::uint64_t v) {
  return (v << 1) ^ (0 - (v >> 63));
}
constexpr std::uint64_t unzigzag(std::uint64_t v) {
  return (v >> 1) ^ (0 - (v & 1));
}

}  // namespace svasim::workloads::svt
