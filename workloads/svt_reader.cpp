#include "workloads/svt_reader.h"

#include <fmt/format.h>
#include <lz4.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"

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

// A fuzzer would never come past a digest.
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
constexpr bool digests_count = false;
#else
constexpr bool digests_count = true;
#endif

bool is_magic(const unsigned char* p, std::string_view magic) {
  return std::memcmp(p, magic.data(), magic.size()) == 0;
}

}  // namespace

svt_reader::svt_reader(const std::string& path) : m_file(path) {
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
  if (const auto v = word_at<std::uint32_t>(header + 8); v != svt::version) {
    fail(8, fmt::format(".svt version {} is not known, only version {}", v, svt::version));
  }
  const std::uint64_t footer_offset = read_footer();
  std::uint64_t expected = svt::header_size;
  for (const index_entry& e : m_index) {
    const bool good = e.offset >= expected && e.offset < footer_offset && e.records != 0 &&
                      e.records <= svt::max_block_records;
    if (!good) fail(footer_offset, "damaged index in the .svt footer");
    expected = e.offset + sizeof(svt::block_header);
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
  const std::size_t got = m_file.read(body.data(), body.size());
  const bool whole = XXH64(body.data(), got, 0) == word_at<std::uint64_t>(trailer + 16);
  if ((digests_count && !whole) || !svt::read_footer(body, m_summary, m_index)) {
    fail(offset, "damaged .svt footer");
  }
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
  const bool inside = decode(out) && m_at <= m_end && m_time_at <= m_times_end;
  if (!inside || (m_left == 0 && (m_at != m_end || m_time_at != m_times_end))) {
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
  svt::block_header h;
  if (m_file.read(&h, sizeof h) != sizeof h) fail(m_block_offset, "block cut off");
  if (h.magic != svt::block_magic || h.packed > svt::max_packed || h.plain > svt::max_plain ||
      h.times > h.plain || h.records != entry.records || h.first_time != entry.first_time.value()) {
    fail(m_block_offset, "damaged block header");
  }
  m_packed.resize(h.packed);
  if (m_file.read(m_packed.data(), h.packed) != h.packed) fail(m_block_offset, "block cut off");
  m_plain.resize(h.plain + svt::max_record);
  const bool good =
      (!digests_count || svt::digest_of(h, m_packed.data()) == h.digest) &&
      LZ4_decompress_safe(reinterpret_cast<const char*>(m_packed.data()),
                          reinterpret_cast<char*>(m_plain.data()), static_cast<int>(h.packed),
                          static_cast<int>(h.plain)) == static_cast<int>(h.plain);
  if (!good) fail(m_block_offset, "damaged block");
  std::fill(m_plain.begin() + h.plain, m_plain.end(), std::uint8_t{0});
  m_time_at = m_plain.data();
  m_at = m_times_end = m_plain.data() + h.times;
  m_end = m_plain.data() + h.plain;
  m_left = h.records;
  m_time = h.first_time;
  m_unit = h.unit;
  m_leaf_address = 0;
  m_commands.clear();
  m_stream = 0;
  m_streams.clear();
}

std::uint64_t svt_reader::varint() {
  return take_varint(m_at);
}

// False where a value is not one of the format. What begins inside the block takes at most
// max_record bytes, so reading it never leaves m_plain.
bool svt_reader::decode(trace::record& out) {
  if (m_at >= m_end || m_time_at >= m_times_end) return false;
  out = m_blank;
  std::uint64_t step = take_varint(m_time_at);
  if (__builtin_mul_overflow(step, m_unit, &step) ||
      __builtin_add_overflow(m_time, step, &m_time)) {
    return false;
  }
  out.time = base::ps(m_time);
  const unsigned head = *m_at++;
  out.kind = static_cast<trace::record_kind>(head & 3);
  if (out.kind == trace::record_kind::access) return decode_access(head, out);
  if (out.kind == trace::record_kind::command) return decode_command(head, out);
  if (head == svt::head_request) return decode_request(out);
  if (head > 3) return false;
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
    if (attributes > 15 || ssid > 0xfffff || repeats > 0xffffffff) return false;
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

inline bool svt_reader::decode_command(unsigned head, trace::record& out) {
  const unsigned char* at = m_at;
  auto& last = m_commands[*at++];
  if ((head & svt::head_word0) != 0) last[0] ^= take_varint(at);
  if ((head & svt::head_word1) != 0) last[1] += svt::unzigzag(take_varint(at));
  m_at = at;
  out.command = last;
  return head <= 15;
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
