// Reads a packet capture (libpcap's classic file: micro- or nanoseconds, either byte order) as the
// memory accesses of a network controller with one receive and one transmit ring (nic_ring.h). A
// packet counts with its length on the wire, whether or not all of it was captured. A capture does
// not say which packets were sent by the machine: those with `host_mac` as their Ethernet source
// are, all others are received.
//
// Leaves out: pcapng, several queues (RSS), what the controller filters or coalesces.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "trace/record.h"
#include "workloads/byte_reader.h"
#include "workloads/nic_ring.h"

namespace svasim::workloads {

using mac_address = std::array<std::uint8_t, 6>;

/// "aa:bb:cc:dd:ee:ff"; empty for anything else.
std::optional<mac_address> parse_mac(std::string_view text);

struct nic_defaults {
  std::uint32_t sid = 0x8;  ///< 00:01.0
  nic_layout layout;
  std::optional<mac_address> host_mac;
};

class pcap_file {
 public:
  static constexpr const char* format = "pcap";
  /// Of a packet, captured or on the wire: libpcap's own limit.
  static constexpr std::uint32_t max_packet = 256 << 10;
  using options = nic_defaults;
  /// Throws base::input_error where the file is no such capture.
  pcap_file(const std::string& path, const options& defaults, bool);
  pcap_file(const pcap_file&) = delete;
  pcap_file& operator=(const pcap_file&) = delete;

  /// Throws base::input_error "FILE: packet N ... at byte B".
  bool next(trace::record& out);
  static bool is_hint(const trace::record&) { return false; }
  void complete(trace::summary& s) const {
    s.lines = m_packets;
    s.clock_steps_back = m_steps_back;
  }
  const byte_reader& lines() const { return m_bytes; }

  /// True when a file that begins with `start` is one, whatever its version.
  static bool looks_like(std::string_view start);
  static bool is_pcapng(std::string_view start);

 private:
  bool read_packet();
  bool is_sent(const unsigned char* data, std::uint32_t captured) const;
  std::uint32_t word(const unsigned char* p) const;
  base::duration stamp(std::uint32_t seconds, std::uint32_t fraction);
  [[noreturn]] void fail_packet(const std::string& message) const;

  byte_reader m_bytes;
  options m_defaults;
  nic_ring m_ring;
  record_runs m_waiting;
  bool m_swapped = false;
  bool m_nanoseconds = false;
  bool m_ethernet = false;
  std::uint64_t m_packets = 0;
  std::uint64_t m_now = 0;    // ns, never steps back
  std::uint64_t m_start = 0;  // ns, of the first packet
  std::uint64_t m_steps_back = 0;
};

}  // namespace svasim::workloads
