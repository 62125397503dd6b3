#include "workloads/svt_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "workloads/digest.h"

namespace svasim::workloads {
namespace {

// Little-endian, as the file is.
template <class Word>
Word word_at(const unsigned char* p) {
  static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
  Word v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

// At most ten bytes; the zeros behind a block end it at the latest.
inline std::uint64_t take_varint(const unsigned char*& at) {
  std::uint64_t byte = *at++;
  if (byte < 0x80) return byte;
  std::uint64_t v = byte & 0x7f;
  for (unsigned shift = 7; shift < 64; shift += 7) {
    byte = *at++;
    v |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return v;
}

bool is_magic(const unsigned char* p, std::string_view magic) {
  return std::memcmp(p, magic.data(), magic.size()) == 0;
}

}  // namespace

svt_reader::svt_reader(const std::string& path)
    : m_file(path), m_zstd(ZSTD_createDCtx(), &ZSTD_freeDCtx) {
  if (!m_zstd) throw std::bad_alloc();
  std::vector<unsigned char> chunk(256 << 10);
  while (m_file.read(chunk.data(), chunk.size()) != 0) {
  }
  m_summary.digest = m_file.bytes_digest().text();
  m_file.stop_digest();
  m_summary.format = "svt";
  read_header();
  m_block_offset = svt::header_size;
  m_file.seek(m_block_offset);
}

void svt_reader::read_header() {
  unsigned char header[svt::header_size];
  m_file.seek(0);
  if (m_file.read(header, sizeof header) != sizeof header || !is_magic(header, svt::magic)) {
    fail(0, "no .svt header");
  }
  m_version = word_at<std::uint32_t>(header + 8);
  if (m_version < svt::oldest_version || m_version > svt::version) {
    fail(8, fmt::format(".svt version {} is not known, only versions {} to {}", m_version,
                        svt::oldest_version, svt::version));
  }
  const std::uint64_t footer_offset = read_footer();
  std::uint64_t expected = svt::header_size;
  for (const index_entry& e : m_index) {
    const bool good = e.offset >= expected && e.offset < footer_offset && e.records != 0 &&
                      e.records <= svt::max_block_records;
    if (!good) fail(footer_offset, "damaged index in the .svt footer");
    expected = e.offset + svt::block_header_size;
  }
}

std::uint64_t svt_reader::read_footer() {
  if (m_file.size() < svt::header_size + svt::trailer_size) {
    fail(m_file.size(), ".svt file cut off");
  }
  unsigned char trailer[svt::trailer_size];
  const std::uint64_t trailer_offset = m_file.size() - svt::trailer_size;
  m_file.seek(trailer_offset);
  if (m_file.read(trailer, sizeof trailer) != sizeof trailer ||
      !is_magic(trailer + 24, svt::end_magic)) {
    fail(m_file.size(), ".svt file cut off");
  }
  const auto offset = word_at<std::uint64_t>(trailer);
  const auto size = word_at<std::uint64_t>(trailer + 8);
  if (size > svt::max_footer || size > trailer_offset || offset != trailer_offset - size) {
    fail(trailer_offset, "damaged .svt trailer");
  }
  std::vector<unsigned char> body(size);
  m_file.seek(offset);
  digest sum;
  sum.add(body.data(), m_file.read(body.data(), body.size()));
  if (sum.value() != word_at<std::uint64_t>(trailer + 16)) fail(offset, "damaged .svt footer");
  if (!svt::read_footer(body, m_version, m_summary, m_index)) fail(offset, "damaged .svt footer");
  return offset;
}

bool svt_reader::next(trace::record& out) {
  if (m_left == 0) {
    if (m_block == m_index.size()) {
      check_counts();
      return false;
    }
    read_block();
  }
  --m_left;
  if (!decode(out) || m_at > m_end || (m_left == 0 && m_at != m_end)) {
    fail(m_block_offset, fmt::format("damaged record {} in the block", m_records + 1));
  }
  out.line = ++m_records;
  return true;
}

void svt_reader::check_counts() const {
  if (m_records != m_summary.lines || m_accesses != m_summary.accesses) {
    fail(m_file.size(),
         fmt::format("the .svt footer counts {} records, {} accesses; the file has {}, {}",
                     m_summary.lines, m_summary.accesses, m_records, m_accesses));
  }
}

void svt_reader::read_block() {
  const index_entry& entry = m_index[m_block++];
  m_block_offset = entry.offset;
  if (m_file.offset() != m_block_offset) m_file.seek(m_block_offset);
  unsigned char header[svt::block_header_size];
  if (m_file.read(header, sizeof header) != sizeof header) fail(m_block_offset, "block cut off");
  const auto packed = word_at<std::uint32_t>(header + 4);
  const auto plain = word_at<std::uint32_t>(header + 8);
  m_left = word_at<std::uint32_t>(header + 12);
  m_time = word_at<std::uint64_t>(header + 16);
  if (word_at<std::uint32_t>(header) != svt::block_magic || packed > svt::max_packed ||
      plain > svt::max_plain || m_left != entry.records || m_time != entry.first_time.value()) {
    fail(m_block_offset, "damaged block header");
  }
  m_packed.resize(packed);
  if (m_file.read(m_packed.data(), packed) != packed) fail(m_block_offset, "block cut off");
  m_plain.resize(plain + svt::max_record);
  const std::size_t got =
      ZSTD_decompressDCtx(m_zstd.get(), m_plain.data(), plain, m_packed.data(), packed);
  if (ZSTD_isError(got) != 0 || got != plain) fail(m_block_offset, "damaged block");
  std::fill(m_plain.begin() + plain, m_plain.end(), std::uint8_t{0});
  m_at = m_plain.data();
  m_end = m_at + plain;
  m_leaf_address = 0;
  m_stream = 0;
  m_streams.clear();
}

std::uint64_t svt_reader::varint() {
  return take_varint(m_at);
}

// False where a value is not one of the format. A record that begins inside the block takes at most
// max_record bytes, so reading it never leaves m_plain.
bool svt_reader::decode(trace::record& out) {
  if (m_at >= m_end) return false;
  out = m_blank;
  const unsigned head = *m_at++;
  const std::uint64_t step = varint();
  if (m_time + step < m_time) return false;
  m_time += step;
  out.time = base::ps(m_time);
  out.kind = static_cast<trace::record_kind>(head & 3);
  if (out.kind == trace::record_kind::access) return decode_access(head, out);
  if (head == svt::head_request && m_version >= 2) return decode_request(out);
  if (head > 3) return false;
  if (out.kind == trace::record_kind::command) {
    out.command = {word_at<std::uint64_t>(m_at), word_at<std::uint64_t>(m_at + 8)};
    m_at += 16;
    return true;
  }
  if (out.kind == trace::record_kind::leaf) return decode_leaf(out);
  const std::uint64_t sid = varint();
  out.sid = base::stream_id(static_cast<std::uint32_t>(sid));
  out.event = *m_at++;
  return sid <= 0xffffffff;
}

bool svt_reader::decode_stream(svt::stream_state*& s) {
  const std::uint64_t index = varint();
  if (index > m_streams.size()) return false;
  if (index == m_streams.size()) {
    const std::uint64_t sid = varint();
    if (sid > 0xffffffff) return false;
    m_streams.emplace_back();
    m_streams.back().sid = static_cast<std::uint32_t>(sid);
  }
  m_stream = static_cast<std::uint32_t>(index);
  s = &m_streams[index];
  return true;
}

inline bool svt_reader::decode_access(unsigned head, trace::record& out) {
  svt::stream_state* s = m_stream < m_streams.size() ? &m_streams[m_stream] : nullptr;
  if ((head & svt::head_same_stream) == 0 && !decode_stream(s)) return false;
  if (s == nullptr) return false;
  // In a register: what is written to `out` might otherwise be m_at.
  const unsigned char* at = m_at;
  s->address += svt::unzigzag(take_varint(at));
  if ((head & svt::head_same_length) == 0) {
    const std::uint64_t length = take_varint(at);
    if (length > 0xffffffff) return false;
    s->length = static_cast<std::uint32_t>(length);
  }
  if ((head & svt::head_output) != 0) {
    if ((head & svt::head_same_offset) == 0) s->offset += svt::unzigzag(take_varint(at));
    out.has_output = true;
    out.output = s->address + s->offset;
  }
  if ((head & svt::head_attributes) != 0) {
    const unsigned attributes = *at++;
    s->permission = attributes & 3;
    s->has_ssid = (attributes & svt::attribute_ssid) != 0;
    const std::uint64_t ssid = s->has_ssid ? take_varint(at) : 0;
    const std::uint64_t repeats = (attributes & svt::attribute_repeats) != 0 ? take_varint(at) : 0;
    const bool known = attributes <= (m_version >= 2 ? 15u : 7u);
    if (!known || ssid > 0xfffff || repeats > 0xffffffff) return false;
    s->ssid = static_cast<std::uint32_t>(ssid);
    out.repeats = static_cast<std::uint32_t>(repeats);
  }
  m_at = at;
  out.sid = base::stream_id(s->sid);
  out.ssid = base::substream_id(s->ssid);
  out.has_ssid = s->has_ssid;
  out.write = (head & svt::head_write) != 0;
  out.length = s->length;
  out.address = base::iova(s->address);
  out.permission = s->permission;
  m_accesses += std::uint64_t{1} + out.repeats;
  return s->length != 0;
}

bool svt_reader::decode_leaf(trace::record& out) {
  const std::uint64_t asid = varint();
  const std::uint64_t vmid = varint();
  m_leaf_address += svt::unzigzag(varint());
  const unsigned form = *m_at++;
  out.asid = base::asid(static_cast<std::uint16_t>(asid));
  out.vmid = base::vmid(static_cast<std::uint16_t>(vmid));
  out.address = base::iova(m_leaf_address);
  out.level = form & 3;
  out.granule_shift = static_cast<std::uint8_t>(12 + 2 * (form >> 2));
  return asid <= 0xffff && vmid <= 0xffff && out.granule_shift <= 16;
}

bool svt_reader::decode_request(trace::record& out) {
  out.kind = trace::record_kind::request;
  const unsigned type = *m_at++;
  const std::uint64_t domain = varint();
  if (type < 1 || type > 4 || domain > 0xffffffff) return false;
  out.request = static_cast<trace::request_type>(type);
  out.domain = static_cast<std::uint32_t>(domain);
  if (out.request == trace::request_type::attach || out.request == trace::request_type::detach) {
    const std::uint64_t endpoint = varint();
    out.sid = base::stream_id(static_cast<std::uint32_t>(endpoint));
    return endpoint <= 0xffffffff;
  }
  m_leaf_address += svt::unzigzag(varint());
  out.address = base::iova(m_leaf_address);
  out.last = m_leaf_address + varint();
  if (out.last < m_leaf_address) return false;
  if (out.request == trace::request_type::unmap) return true;
  out.output = varint();
  out.permission = *m_at++;
  return out.permission <= 7;
}

void svt_reader::fail(std::uint64_t offset, const std::string& message) const {
  throw base::input_error(
      base::problem{m_file.path(), 0, 0, fmt::format("{} at byte {}", message, offset)});
}

}  // namespace svasim::workloads
