#include "workloads/ftrace_event.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace svasim::workloads {
namespace {

using kind = ftrace_event::kind;

constexpr std::uint64_t all = ~std::uint64_t{0};
/// Of one DMA mapping: beyond it a line is damaged, and would stand for too many accesses.
constexpr std::uint64_t max_dma_size = std::uint64_t{1} << 30;
constexpr std::size_t max_segments = 128;  // the kernel shows no more

std::uint64_t read_hex(text_fields& f, std::string_view key) {
  f.need(key);
  f.take("0x");
  return f.hexadecimal(all);
}

void check_end(text_fields& f, std::size_t at, const dma_segment& s) {
  if (s.size == 0) f.fail_at(at, "a range of no bytes");
  if (s.address + (s.size - 1) < s.address) {
    f.fail_at(at, "the range runs over the end of the address space");
  }
}

// "DOMAIN:BUS:DEVICE.FUNCTION", as hexadecimal digits; anything else is no PCI device.
bool read_device(text_fields& f, ftrace_event& out) {
  while (f.take(" ")) continue;
  const std::string_view name = f.word(' ');
  constexpr std::array<std::size_t, 3> separators{4, 7, 10};
  if (name.size() != 12 || name[4] != ':' || name[7] != ':' || name[10] != '.') return false;
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (i == separators[0] || i == separators[1] || i == separators[2]) continue;
    const auto digit = std::string_view("0123456789abcdef").find(name[i]);
    if (digit == std::string_view::npos) return false;
    // Of the device number five bits, of the function three.
    const unsigned bits = i == 8 ? 1 : i == 11 ? 3 : 4;
    if (digit >> bits != 0) return false;
    value = value << bits | static_cast<std::uint32_t>(digit);
  }
  out.sid = value;
  out.has_device = true;
  return true;
}

// "IOMMU: iova=0xA - 0xB paddr=0xP size=N"; older kernels do not tell B.
void read_mapping(text_fields& f, bool with_output, ftrace_event& out) {
  dma_segment s;
  f.need("iova=");
  s.address = f.number();
  if (with_output) {
    f.need(" paddr=");
    s.output = f.number();
    s.has_output = true;
  }
  f.need(" size=");
  const std::size_t at = f.position();
  s.size = f.number();
  check_end(f, at, s);
  out.segments.push_back(s);
}

void read_direction(text_fields& f, ftrace_event& out) {
  f.need("dir=");
  const std::string_view name = f.word(' ');
  if (name == "TO_DEVICE") out.direction = dma_direction::to_device;
  if (name == "FROM_DEVICE") out.direction = dma_direction::from_device;
  if (name == "BIDIRECTIONAL") out.direction = dma_direction::both;
}

void check_dma_size(text_fields& f, std::size_t at, const dma_segment& s) {
  check_end(f, at, s);
  if (s.size > max_dma_size) f.fail_at(at, fmt::format("a DMA of {} bytes, above 1 GiB", s.size));
}

// "DEVICE dir=DIR dma_addr=HEX size=N [phys_addr=HEX] attrs=..."
void read_single(text_fields& f, bool with_output, ftrace_event& out) {
  dma_segment s;
  s.address = read_hex(f, " dma_addr=");
  f.need(" size=");
  const std::size_t at = f.position();
  s.size = f.number();
  check_dma_size(f, at, s);
  if (with_output && f.find(" phys_addr=")) {
    f.take("0x");
    s.output = f.hexadecimal(all);
    s.has_output = true;
  }
  out.segments.push_back(s);
}

// "{0xA,0xB,...}"
std::vector<std::uint64_t> read_array(text_fields& f, std::string_view key) {
  std::vector<std::uint64_t> out;
  f.need(key);
  if (!f.take("{")) f.fail("expected {, not " + quoted(f.rest()));
  while (!f.take("}")) {
    if (out.size() == max_segments) f.fail("more than 128 segments");
    if (!out.empty() && !f.take(",")) f.fail("expected a comma or }, not " + quoted(f.rest()));
    out.push_back(f.number());
  }
  return out;
}

// "DEVICE dir=DIR ... dma_addrs={...} sizes={...} phys_addrs={...}". The physical segments are
// those of the list before the IOMMU joined them: only where as many came out do they tell outputs.
void read_list(text_fields& f, bool with_output, ftrace_event& out) {
  const std::vector<std::uint64_t> addresses = read_array(f, " dma_addrs=");
  const std::size_t at = f.position();
  const std::vector<std::uint64_t> sizes = read_array(f, " sizes=");
  if (sizes.size() != addresses.size()) {
    f.fail_at(at, fmt::format("{} sizes for {} addresses", sizes.size(), addresses.size()));
  }
  std::vector<std::uint64_t> outputs;
  if (with_output) outputs = read_array(f, " phys_addrs=");
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const bool known = outputs.size() == addresses.size();
    out.segments.push_back({addresses[i], sizes[i], known ? outputs[i] : 0, known});
    check_dma_size(f, at, out.segments.back());
  }
}

struct known_event {
  std::string_view name;
  kind what;
  bool list;
};

constexpr std::array<known_event, 11> dma_events{{
    {"dma_map_page", kind::dma_map, false},
    {"dma_map_phys", kind::dma_map, false},
    {"dma_map_resource", kind::dma_map, false},
    {"dma_map_sg", kind::dma_map, true},
    {"dma_unmap_page", kind::dma_unmap, false},
    {"dma_unmap_phys", kind::dma_unmap, false},
    {"dma_unmap_resource", kind::dma_unmap, false},
    {"dma_sync_single_for_cpu", kind::sync_cpu, false},
    {"dma_sync_single_for_device", kind::sync_device, false},
    {"dma_sync_sg_for_cpu", kind::sync_cpu, true},
    {"dma_sync_sg_for_device", kind::sync_device, true},
}};

void read_dma(const known_event& e, text_fields& f, ftrace_event& out) {
  if (!read_device(f, out)) return;
  read_direction(f, out);
  e.list ? read_list(f, e.what == kind::dma_map, out)
         : read_single(f, e.what == kind::dma_map, out);
  out.what = e.what;
}

// "... cmd=(nvme_cmd_read slba=...": the device writes memory when it reads the disk.
void read_nvme(text_fields& f, ftrace_event& out) {
  out.what = kind::command;
  if (!f.find("cmd=(")) return;
  const std::string_view name = f.word(' ');
  if (name == "nvme_cmd_read") out.direction = dma_direction::from_device;
  if (name == "nvme_cmd_write") out.direction = dma_direction::to_device;
}

// "MAJOR,MINOR RWBS BYTES (...) ..."
void read_block(text_fields& f, ftrace_event& out) {
  out.what = kind::request;
  f.number(0xfff);
  if (!f.take(",")) f.fail("expected MAJOR,MINOR, not " + quoted(f.rest()));
  f.number(0xfffff);
  while (f.take(" ")) continue;
  std::string_view rwbs = f.word(' ');
  if (rwbs.empty()) f.fail("expected the letters of the request");
  if (rwbs.front() == 'F' && rwbs.size() > 1) rwbs.remove_prefix(1);  // a flush goes before
  if (rwbs.front() == 'R') out.direction = dma_direction::from_device;
  if (rwbs.front() == 'W') out.direction = dma_direction::to_device;
}

}  // namespace

void read_ftrace_event(const ftrace_line& line, text_fields& f, ftrace_event& out) {
  out.what = kind::other;
  out.direction = dma_direction::unknown;
  out.has_device = false;
  out.segments.clear();
  const std::string_view name = line.event();
  if (name == "map" || name == "unmap") {
    out.what = name == "map" ? kind::map : kind::unmap;
    return read_mapping(f, name == "map", out);
  }
  for (const known_event& e : dma_events) {
    if (e.name == name) return read_dma(e, f, out);
  }
  if (name == "nvme_setup_cmd") return read_nvme(f, out);
  if (name == "block_rq_issue") return read_block(f, out);
  if (name == "attach_device_to_domain") {
    f.need("device=");
    if (read_device(f, out)) out.what = kind::attach;
  } else if (name == "io_page_fault") {
    f.need("IOMMU:");
    f.word(' ');
    if (!read_device(f, out)) return;
    f.need(" iova=");
    out.segments.push_back({f.number(), 1, 0, false});
    out.what = kind::fault;
  }
}

}  // namespace svasim::workloads
