#include "workloads/pcap_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace svasim::workloads {
namespace {

constexpr std::size_t file_header = 24;
constexpr std::size_t packet_header = 16;
constexpr std::uint32_t magic_us = 0xa1b2c3d4;
constexpr std::uint32_t magic_ns = 0xa1b23c4d;
constexpr std::uint32_t pcapng_block = 0x0a0d0d0a;
constexpr std::uint32_t ethernet = 1;
// Longest time in ps that fits 64 bits, in ns.
constexpr std::uint64_t max_elapsed = 18000000000000000;

std::uint32_t little(const unsigned char* p) {
  return std::uint32_t{p[0]} | std::uint32_t{p[1]} << 8 | std::uint32_t{p[2]} << 16 |
         std::uint32_t{p[3]} << 24;
}
std::uint32_t big(const unsigned char* p) {
  return std::uint32_t{p[3]} | std::uint32_t{p[2]} << 8 | std::uint32_t{p[1]} << 16 |
         std::uint32_t{p[0]} << 24;
}

bool is_magic(std::uint32_t v) {
  return v == magic_us || v == magic_ns;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<mac_address> parse_mac(std::string_view text) {
  mac_address out{};
  if (text.size() != 17) return std::nullopt;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = hex_digit(text[3 * i]);
    const int low = hex_digit(text[3 * i + 1]);
    if (high < 0 || low < 0 || (i != 5 && text[3 * i + 2] != ':')) return std::nullopt;
    out[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return out;
}

bool pcap_file::looks_like(std::string_view start) {
  if (start.size() < 4) return false;
  const auto* p = reinterpret_cast<const unsigned char*>(start.data());
  return is_magic(little(p)) || is_magic(big(p));
}

bool pcap_file::is_pcapng(std::string_view start) {
  return start.size() >= 4 &&
         little(reinterpret_cast<const unsigned char*>(start.data())) == pcapng_block;
}

pcap_file::pcap_file(const std::string& path, const options& defaults, bool)
    : m_bytes(path), m_defaults(defaults), m_ring(defaults.layout) {
  const unsigned char* p = m_bytes.take(file_header);
  if (p == nullptr) m_bytes.fail("the capture ends within its heading");
  if (!is_magic(little(p)) && !is_magic(big(p))) m_bytes.fail("no pcap heading");
  m_swapped = !is_magic(little(p));
  m_nanoseconds = word(p) == magic_ns;
  const unsigned version = m_swapped ? p[5] : p[4];
  if (version != 2) m_bytes.fail(fmt::format("pcap version {} is not known, only 2", version));
  m_ethernet = (word(p + 20) & 0xffff) == ethernet;
  if (m_defaults.host_mac && !m_ethernet) {
    m_bytes.fail("packets without Ethernet header cannot be told by their MAC address");
  }
}

std::uint32_t pcap_file::word(const unsigned char* p) const {
  return m_swapped ? big(p) : little(p);
}

bool pcap_file::next(trace::record& out) {
  while (!m_waiting.pop(out)) {
    if (!read_packet()) return false;
  }
  return true;
}

bool pcap_file::read_packet() {
  const unsigned char* p = m_bytes.take(packet_header);
  if (p == nullptr && m_bytes.left() == 0) return false;
  ++m_packets;
  if (p == nullptr) fail_packet("ends within its heading");
  const std::uint32_t seconds = word(p);
  const std::uint32_t fraction = word(p + 4);
  const std::uint32_t captured = word(p + 8);
  const std::uint32_t length = word(p + 12);
  if (captured > max_packet || length > max_packet) {
    fail_packet(fmt::format("has {} bytes, above 256 KiB", std::max(captured, length)));
  }
  if (fraction >= (m_nanoseconds ? 1000000000u : 1000000u)) {
    fail_packet(fmt::format("has {} {} beyond its second", fraction,
                            m_nanoseconds ? "nanoseconds" : "microseconds"));
  }
  trace::record like;
  like.sid = base::stream_id(m_defaults.sid);
  like.line = m_packets;
  like.time = stamp(seconds, fraction);
  const std::uint32_t addresses = std::min(captured, 12u);
  const unsigned char* data = m_bytes.take(addresses);
  const bool sent = data != nullptr && is_sent(data, captured);
  if (data == nullptr || !m_bytes.skip(captured - addresses)) fail_packet("ends within its data");
  if (length == 0) return true;
  sent ? m_ring.transmit(length, like, m_waiting) : m_ring.receive(length, like, m_waiting);
  return true;
}

// By the source address of the Ethernet header.
bool pcap_file::is_sent(const unsigned char* data, std::uint32_t captured) const {
  return m_defaults.host_mac && captured >= 12 &&
         std::equal(m_defaults.host_mac->begin(), m_defaults.host_mac->end(), data + 6);
}

base::duration pcap_file::stamp(std::uint32_t seconds, std::uint32_t fraction) {
  const std::uint64_t now =
      std::uint64_t{seconds} * 1000000000 + std::uint64_t{fraction} * (m_nanoseconds ? 1 : 1000);
  if (m_packets == 1) m_start = m_now = now;
  if (now > m_start && now - m_start > max_elapsed) {
    fail_packet("is more than 200 days after the first");
  }
  m_steps_back += now < m_now ? 1 : 0;
  m_now = std::max(m_now, now);
  return base::ns(m_now - m_start);
}

void pcap_file::fail_packet(const std::string& message) const {
  m_bytes.fail(fmt::format("packet {} {}", m_packets, message));
}

}  // namespace svasim::workloads
