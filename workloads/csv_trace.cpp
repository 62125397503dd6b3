#include "workloads/csv_trace.h"

#include <fmt/format.h>

#include "base/bits.h"
#include "workloads/request_names.h"

namespace svasim::workloads {
namespace {

constexpr std::uint64_t max_sid = 0xffffffff;
constexpr std::uint64_t max_ssid = 0xfffff;
constexpr std::uint64_t max_tag = 0xffff;
constexpr std::uint64_t max_domain = 0xffffffff;
constexpr std::uint64_t max_repeats = 0xffffffff;
constexpr std::uint64_t all_map_flags = 7;
constexpr std::size_t max_declared_streams = 1 << 16;

void comma(text_fields& f, const char* column) {
  if (f.take(",")) return;
  if (f.at_end()) f.fail(fmt::format("the line ends before the column {}", column));
  f.fail(fmt::format("expected a comma before the column {}, not {}", column, quoted(f.rest())));
}

std::uint64_t column(text_fields& f, const char* name, std::uint64_t max = ~std::uint64_t{0}) {
  comma(f, name);
  return f.number(max);
}

// False for an empty column.
bool optional_column(text_fields& f, const char* name, std::uint64_t max, std::uint64_t& out) {
  comma(f, name);
  if (f.at_end() || f.rest().front() == ',') return false;
  out = f.number(max);
  return true;
}

base::stream_id to_sid(std::uint64_t v) {
  return base::stream_id(static_cast<std::uint32_t>(v));
}
base::asid to_asid(std::uint64_t v) {
  return base::asid(static_cast<std::uint16_t>(v));
}
base::vmid to_vmid(std::uint64_t v) {
  return base::vmid(static_cast<std::uint16_t>(v));
}

std::uint8_t read_granule(text_fields& f) {
  comma(f, "granule");
  const std::size_t at = f.position();
  const std::uint64_t shift = f.number();
  if (shift != 12 && shift != 14 && shift != 16) {
    f.fail_at(at, fmt::format("the granule is 12, 14 or 16 (log2 of its bytes), not {}", shift));
  }
  return static_cast<std::uint8_t>(shift);
}

void end_of_line(text_fields& f) {
  if (!f.at_end()) f.fail(fmt::format("expected the end of the line, not {}", quoted(f.rest())));
}

}  // namespace

csv_trace::csv_trace(const std::string& path, const options&, bool) : m_lines(path) {
  read_header();
}

void csv_trace::read_header() {
  std::string_view line;
  if (!m_lines.next(line) || line.substr(0, magic.size()) != magic) {
    m_lines.fail(1, "expected the line \"#svasim-trace v1\"");
  }
  text_fields f(m_lines, line, magic.size());
  const std::uint64_t version = f.number();
  if (version != 1) {
    f.fail_at(magic.size(), fmt::format("version {} is not known, only version 1", version));
  }
  end_of_line(f);
}

bool csv_trace::next(trace::record& out) {
  std::string_view line;
  while (m_lines.next(line)) {
    if (line.empty()) continue;
    if (line.front() == '#') {
      read_comment(line);
      continue;
    }
    m_in_header = false;
    read_record(line, out);
    return true;
  }
  return false;
}

// The lines "#stream,SID,asid=N,vmid=N", "#granule,N" and "#page_size,BYTES" are read; any other
// comment is one.
void csv_trace::read_comment(std::string_view line) {
  text_fields f(m_lines, line);
  const std::string_view name = text_fields(f).word(',');
  if (name != "#stream" && name != "#granule" && name != "#page_size") return;
  if (!m_in_header) f.fail(fmt::format("{} stands before the first record", name));
  f.take(name);
  if (name == "#granule") {
    m_granule = read_granule(f);
  } else if (name == "#page_size") {
    m_page_size = base::byte_size(column(f, "page_size", std::uint64_t{1} << 47));
  } else {
    read_stream(f);
  }
  end_of_line(f);
}

void csv_trace::read_stream(text_fields& f) {
  trace::stream_tag tag;
  tag.sid = to_sid(column(f, "sid", max_sid));
  f.need(",asid=");
  tag.asid = to_asid(f.number(max_tag));
  f.need(",vmid=");
  tag.vmid = to_vmid(f.number(max_tag));
  tag.has_domain = f.take(",domain=");
  if (tag.has_domain) tag.domain = static_cast<std::uint32_t>(f.number(max_domain));
  if (m_streams.size() == max_declared_streams) f.fail_at(0, "more than 65536 #stream lines");
  m_streams.push_back(tag);
}

void csv_trace::read_record(std::string_view line, trace::record& out) {
  text_fields f(m_lines, line);
  out = trace::record{};
  out.line = m_lines.number();
  out.time = read_time(f);
  comma(f, "kind");
  const std::size_t at = f.position();
  const std::string_view kind = f.word(',');
  if (kind == "A") {
    read_access(f, out);
  } else if (kind == "C") {
    out.kind = trace::record_kind::command;
    out.command[0] = column(f, "word 0");
    out.command[1] = column(f, "word 1");
  } else if (kind == "L") {
    read_leaf(f, out);
  } else if (kind == "E") {
    out.kind = trace::record_kind::event;
    out.sid = to_sid(column(f, "sid", max_sid));
    out.event = static_cast<std::uint8_t>(column(f, "event", 0xff));
  } else if (kind == "V") {
    read_request(f, out);
  } else {
    f.fail_at(at, fmt::format("the kind is A, C, L, E or V, not {}", quoted(kind)));
  }
  end_of_line(f);
  m_last = out.time;
}

// A count of ps, or a number with unit: "190ns".
base::duration csv_trace::read_time(text_fields& f) {
  const std::string_view text = text_fields(f).word(',');
  base::duration time;
  if (!text.empty() && text.back() == 's') {
    const auto parsed = base::parse_duration(text);
    if (!parsed) f.fail(fmt::format("expected a time, not {}", quoted(text)));
    time = *parsed;
    f.word(',');
  } else {
    time = base::ps(f.number());
  }
  if (time < m_last) m_lines.fail(1, "the time is before that of the record before");
  return time;
}

void csv_trace::read_access(text_fields& f, trace::record& out) const {
  std::uint64_t value = 0;
  out.sid = to_sid(column(f, "sid", max_sid));
  out.has_ssid = optional_column(f, "ssid", max_ssid, value);
  out.ssid = base::substream_id(static_cast<std::uint32_t>(out.has_ssid ? value : 0));
  out.address = base::iova(column(f, "address"));
  comma(f, "length");
  const std::size_t length_at = f.position();
  out.length = static_cast<std::uint32_t>(f.number(0xffffffff));
  if (out.length == 0) f.fail_at(length_at, "an access of no bytes");
  if (out.address.value() + (out.length - 1) < out.address.value()) {
    f.fail_at(length_at, "the access runs over the end of the address space");
  }
  comma(f, "rw");
  const std::size_t at = f.position();
  const std::string_view rw = f.word(',');
  if (rw != "R" && rw != "W") f.fail_at(at, fmt::format("expected R or W, not {}", quoted(rw)));
  out.write = rw == "W";
  out.has_output = optional_column(f, "output", ~std::uint64_t{0}, out.output);
  if (optional_column(f, "permission", 3, value)) out.permission = static_cast<std::uint8_t>(value);
  if (f.at_end()) return;  // as all lines were before there were runs
  out.repeats = static_cast<std::uint32_t>(column(f, "repeats", max_repeats));
}

// "attach,DOMAIN,ENDPOINT", "detach,DOMAIN,ENDPOINT", "map,DOMAIN,FIRST,LAST,OUTPUT,FLAGS",
// "unmap,DOMAIN,FIRST,LAST".
void csv_trace::read_request(text_fields& f, trace::record& out) {
  out.kind = trace::record_kind::request;
  comma(f, "request");
  const std::size_t at = f.position();
  const std::string_view name = f.word(',');
  const auto type = request_named(name);
  if (!type) {
    f.fail_at(at, fmt::format("the request is attach, detach, map or unmap, not {}", quoted(name)));
  }
  out.request = *type;
  out.domain = static_cast<std::uint32_t>(column(f, "domain", max_domain));
  if (*type == trace::request_type::attach || *type == trace::request_type::detach) {
    out.sid = to_sid(column(f, "endpoint", max_sid));
    return;
  }
  out.address = base::iova(column(f, "first"));
  comma(f, "last");
  const std::size_t last_at = f.position();
  out.last = f.number();
  if (out.last < out.address.value()) f.fail_at(last_at, "the range ends before it begins");
  if (*type == trace::request_type::unmap) return;
  out.output = column(f, "output");
  out.permission = static_cast<std::uint8_t>(column(f, "flags", all_map_flags));
}

void csv_trace::read_leaf(text_fields& f, trace::record& out) const {
  out.kind = trace::record_kind::leaf;
  out.asid = to_asid(column(f, "asid", max_tag));
  out.vmid = to_vmid(column(f, "vmid", max_tag));
  comma(f, "address");
  const std::size_t address_at = f.position();
  out.address = base::iova(f.number());
  out.level = static_cast<std::uint8_t>(column(f, "level", 3));
  out.granule_shift = read_granule(f);
  const unsigned shift = out.granule_shift + (3u - out.level) * (out.granule_shift - 3u);
  if (out.address.offset(shift) != 0) {
    f.fail_at(address_at,
              fmt::format("the address is no multiple of the leaf's 2^{} bytes", shift));
  }
}

}  // namespace svasim::workloads
