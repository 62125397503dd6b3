#include "workloads/svt_writer.h"

#include <lz4hc.h>

#include <numeric>
#include <stdexcept>

#include "base/bits.h"
#include "workloads/request_names.h"

namespace svasim::workloads {
namespace {

constexpr int packing_level = 4;  // as small as zstd's fastest, at twice its time

void put_byte(std::string& to, unsigned v) {
  to += static_cast<char>(v & 0xff);
}

void put_varint(std::string& to, std::uint64_t v) {
  while (v >= 0x80) {
    put_byte(to, static_cast<unsigned>(v & 0x7f) | 0x80);
    v >>= 7;
  }
  put_byte(to, static_cast<unsigned>(v));
}

template <class Word>
void put_word(std::string& to, Word v) {
  for (std::size_t i = 0; i < sizeof v; ++i)
    put_byte(to, static_cast<unsigned>((v >> (8 * i)) & 0xff));
}

}  // namespace

svt_writer::svt_writer(const std::string& path)
    : m_file(path), m_lz4(static_cast<std::size_t>(LZ4_sizeofStateHC())) {
  std::string header(svt::magic);
  put_word(header, svt::version);
  put_word(header, std::uint32_t{0});
  m_file.write(header);
}

void svt_writer::add(const trace::record& r) {
  const std::uint64_t time = r.time.value();
  if (m_records == 0) m_first_time = m_time = time;
  if (time < m_time) throw std::logic_error("svt_writer: time steps back");
  m_times.push_back(time - m_time);
  if (r.kind == trace::record_kind::access) {
    put_access(r);
  } else if (r.kind == trace::record_kind::command) {
    put_command(r);
  } else {
    const bool request = r.kind == trace::record_kind::request;
    put_byte(m_plain, request ? svt::head_request : static_cast<unsigned>(r.kind));
  }
  m_time = time;
  m_counts.length = r.time;
  if (r.kind == trace::record_kind::leaf) {
    put_varint(m_plain, r.asid.value());
    put_varint(m_plain, r.vmid.value());
    put_address(r.address);
    put_byte(m_plain, r.level | ((r.granule_shift - 12u) / 2) << 2);
    ++m_counts.leaves;
  } else if (r.kind == trace::record_kind::event) {
    put_varint(m_plain, r.sid.value());
    put_byte(m_plain, r.event);
    ++m_counts.events;
  } else if (r.kind == trace::record_kind::request) {
    put_request(r);
  }
  if (++m_records == svt::records_per_block) close_block();
}

void svt_writer::put_command(const trace::record& r) {
  const auto opcode = static_cast<std::uint8_t>(base::bits(r.command[0], 7, 0));
  auto& last = m_commands[opcode];
  const bool word0 = r.command[0] != last[0], word1 = r.command[1] != last[1];
  put_byte(m_plain, static_cast<unsigned>(r.kind) | (word0 ? svt::head_word0 : 0u) |
                        (word1 ? svt::head_word1 : 0u));
  put_byte(m_plain, opcode);
  if (word0) put_varint(m_plain, r.command[0] ^ last[0]);
  if (word1) put_varint(m_plain, svt::zigzag(r.command[1] - last[1]));
  last = r.command;
  ++m_counts.commands;
  ++m_counts.commands_by_opcode[opcode];
}

void svt_writer::put_address(base::iova address) {
  put_varint(m_plain, svt::zigzag(address.value() - m_leaf_address));
  m_leaf_address = address.value();
}

void svt_writer::put_request(const trace::record& r) {
  put_byte(m_plain, static_cast<unsigned>(r.request));
  put_varint(m_plain, r.domain);
  ++m_counts.requests_by_type[r.request];
  if (r.request == trace::request_type::attach || r.request == trace::request_type::detach) {
    return put_varint(m_plain, r.sid.value());
  }
  put_address(r.address);
  put_varint(m_plain, r.last - r.address.value());
  if (r.request == trace::request_type::unmap) return;
  put_varint(m_plain, r.output);
  put_byte(m_plain, r.permission);
}

void svt_writer::put_access(const trace::record& r) {
  const auto next_index = static_cast<std::uint32_t>(m_streams.size());
  const auto [found, is_new] = m_stream_index.emplace(r.sid.value(), next_index);
  const std::uint32_t index = found->second;
  if (is_new) {
    m_streams.emplace_back();
    m_streams.back().sid = r.sid.value();
  }
  svt::stream_state& s = m_streams[index];
  const std::uint64_t offset = r.output - r.address.value();
  const bool same_stream = !is_new && index == m_stream;
  const bool same_length = r.length == s.length;
  const bool same_offset = offset == s.offset;
  const bool attributes = r.permission != s.permission || r.has_ssid != s.has_ssid ||
                          r.ssid.value() != s.ssid || r.repeats != 0;
  put_byte(m_plain, static_cast<unsigned>(r.kind) | (r.write ? svt::head_write : 0u) |
                        (same_stream ? svt::head_same_stream : 0u) |
                        (same_length ? svt::head_same_length : 0u) |
                        (r.has_output ? svt::head_output : 0u) |
                        (r.has_output && same_offset ? svt::head_same_offset : 0u) |
                        (attributes ? svt::head_attributes : 0u));
  if (!same_stream) put_varint(m_plain, index);
  if (is_new) put_varint(m_plain, r.sid.value());
  put_varint(m_plain, svt::zigzag(r.address.value() - s.address));
  if (!same_length) put_varint(m_plain, r.length);
  if (r.has_output && !same_offset) put_varint(m_plain, svt::zigzag(offset - s.offset));
  if (attributes) {
    put_byte(m_plain, r.permission | (r.has_ssid ? svt::attribute_ssid : 0u) |
                          (r.repeats != 0 ? svt::attribute_repeats : 0u));
    if (r.has_ssid) put_varint(m_plain, r.ssid.value());
    if (r.repeats != 0) put_varint(m_plain, r.repeats);
  }
  s.length = r.length;
  s.address = r.address.value();
  if (r.has_output) s.offset = offset;
  s.permission = r.permission;
  s.has_ssid = r.has_ssid;
  s.ssid = r.has_ssid ? r.ssid.value() : 0;
  m_stream = index;
  ++m_counts.runs;
  m_counts.accesses += std::uint64_t{1} + r.repeats;
}

// The first column; returns the unit, which all its times are multiples of.
std::uint64_t svt_writer::put_times(std::string& to) const {
  std::uint64_t unit = 0;
  for (const std::uint64_t t : m_times) unit = std::gcd(unit, t);
  if (unit == 0) unit = 1;
  for (const std::uint64_t t : m_times) put_varint(to, t / unit);
  return unit;
}

void svt_writer::close_block() {
  if (m_records == 0) return;
  svt::block_header h{};
  h.magic = svt::block_magic;
  h.records = m_records;
  h.first_time = m_first_time;
  std::string plain;
  h.unit = put_times(plain);
  h.times = static_cast<std::uint32_t>(plain.size());
  plain += m_plain;
  h.plain = static_cast<std::uint32_t>(plain.size());
  const auto size = static_cast<int>(plain.size());
  m_packed.resize(static_cast<std::size_t>(LZ4_compressBound(size)));
  h.packed = static_cast<std::uint32_t>(
      LZ4_compress_HC_extStateHC(m_lz4.data(), plain.data(), m_packed.data(), size,
                                 static_cast<int>(m_packed.size()), packing_level));
  if (h.packed == 0) throw std::logic_error("svt_writer: LZ4 refuses a block");
  h.digest = svt::digest_of(h, m_packed.data());
  m_index.push_back({m_file.offset(), m_first_time, m_records});
  m_file.write({reinterpret_cast<const char*>(&h), sizeof h});
  m_file.write(std::string_view(m_packed).substr(0, h.packed));
  m_plain.clear();
  m_times.clear();
  m_records = 0;
  m_stream = 0;
  m_leaf_address = 0;
  m_commands.clear();
  m_streams.clear();
  m_stream_index.clear();
}

std::string svt_writer::footer(const trace::summary& about) const {
  std::string out;
  for (const std::uint64_t v :
       {m_counts.runs, m_counts.commands, m_counts.events, m_counts.leaves,
        about.incomplete_commands, about.untranslated, about.clock_steps_back,
        m_counts.length.value(), std::uint64_t{about.granule_shift}, about.page_size.value(),
        std::uint64_t{about.lazy ? 1u : 0u}}) {
    put_varint(out, v);
  }
  put_varint(out, m_counts.commands_by_opcode.size());
  for (const auto& [opcode, count] : m_counts.commands_by_opcode) {
    put_varint(out, opcode);
    put_varint(out, count);
  }
  put_varint(out, about.streams.size());
  for (const trace::stream_tag& s : about.streams) {
    put_varint(out, s.sid.value());
    put_varint(out, s.asid.value());
    put_varint(out, s.vmid.value());
    put_varint(out, s.accesses);
  }
  put_varint(out, m_index.size());
  for (const index_entry& e : m_index) {
    put_varint(out, e.offset);
    put_varint(out, e.records);
    put_varint(out, e.first_time);
  }
  put_varint(out, m_counts.accesses);
  for (const auto& [name, type] : request_names) {
    const auto found = m_counts.requests_by_type.find(type);
    put_varint(out, found == m_counts.requests_by_type.end() ? 0 : found->second);
  }
  for (const trace::stream_tag& s : about.streams) {
    put_varint(out, s.has_domain ? std::uint64_t{1} + s.domain : 0);
  }
  return out;
}

void svt_writer::commit(const trace::summary& about) {
  close_block();
  const std::string body = footer(about);
  std::string trailer;
  put_word(trailer, m_file.offset());
  put_word(trailer, std::uint64_t{body.size()});
  put_word(trailer, std::uint64_t{XXH64(body.data(), body.size(), 0)});
  trailer += svt::end_magic;
  m_file.write(body);
  m_file.write(trailer);
  m_file.commit();
}

}  // namespace svasim::workloads
