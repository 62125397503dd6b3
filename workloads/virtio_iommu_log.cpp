#include "workloads/virtio_iommu_log.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bits.h"
#include "workloads/request_names.h"

namespace svasim::workloads {
namespace {

using trace::request_type;

constexpr std::string_view prefix = "virtio_iommu_";
constexpr std::uint64_t max_id = 0xffffffff;
constexpr std::uint64_t all_map_flags = 7;
constexpr std::uint64_t page = 4096;

// Domain or endpoint: QEMU prints the 32 bits as a signed number.
std::uint32_t read_id(text_fields& f, std::string_view key) {
  f.need(key);
  if (!f.take("-")) return static_cast<std::uint32_t>(f.number(max_id));
  return static_cast<std::uint32_t>(0 - f.number(std::uint64_t{1} << 31));
}

}  // namespace

virtio_iommu_log::virtio_iommu_log(const std::string& path, const options& defaults, bool)
    : m_lines(path), m_envelope(m_lines), m_defaults(defaults) {}

bool virtio_iommu_log::next(trace::record& out) {
  std::string_view line;
  while (m_lines.next(line)) {
    text_fields f(m_lines, line);
    const std::string_view event = m_envelope.read(f);
    out = trace::record{};
    out.line = m_lines.number();
    if (!read_event(event, f, out)) continue;
    m_envelope.stamp(out);
    return true;
  }
  return false;
}

bool virtio_iommu_log::read_event(std::string_view event, text_fields& f, trace::record& out) {
  if (event == "virtio_iommu_translate_out") {
    read_access(f, out);
    return true;
  }
  if (event == "virtio_iommu_translate") {
    read_translate(f);
    return false;
  }
  if (event == "virtio_iommu_get_config") {
    read_config(f);
    return false;
  }
  if (event.substr(0, prefix.size()) != prefix) return false;
  const auto type = request_named(event.substr(prefix.size()));
  if (!type) return false;
  read_request(*type, f, out);
  return true;
}

// "mr=NAME rid=N addr=A flag=N", flag bit 1 for a write. What has no result after it was not
// translated: an access to a reserved region, such as that of interrupts.
void virtio_iommu_log::read_translate(text_fields& f) {
  m_untranslated += m_asking ? 1 : 0;
  m_asking = true;
  m_asked.endpoint = read_id(f, " rid=");
  f.need(" addr=");
  m_asked.address = f.number();
  f.need(" flag=");
  m_asked.write = (f.number(3) & 2) != 0;
}

// "A -> A for sid=N"
void virtio_iommu_log::read_access(text_fields& f, trace::record& out) {
  out.address = base::iova(f.number());
  f.need(" -> ");
  out.output = f.number();
  out.has_output = true;
  out.sid = base::stream_id(read_id(f, " for sid="));
  const std::uint64_t left = page - out.address.value() % page;
  out.length = static_cast<std::uint32_t>(std::min(m_defaults.access_length.value(), left));
  const bool answers =
      m_asking && m_asked.endpoint == out.sid.value() && m_asked.address == out.address.value();
  out.write = answers && m_asked.write;
  if (answers) m_asking = false;
}

// "domain=N endpoint=N", or "domain=N virt_start=A virt_end=A", a map with "phys_start=A flags=N".
void virtio_iommu_log::read_request(request_type type, text_fields& f, trace::record& out) {
  out.kind = trace::record_kind::request;
  out.request = type;
  out.domain = read_id(f, "domain=");
  if (type == request_type::attach || type == request_type::detach) {
    out.sid = base::stream_id(read_id(f, " endpoint="));
    return;
  }
  f.need(" virt_start=");
  out.address = base::iova(f.number());
  f.need(" virt_end=");
  const std::size_t at = f.position();
  out.last = f.number();
  if (out.last < out.address.value()) {
    f.fail_at(at, fmt::format("the range ends before it begins, at {:#x}", out.address.value()));
  }
  if (type == request_type::unmap) return;
  f.need(" phys_start=");
  out.output = f.number();
  f.need(" flags=");
  out.permission = static_cast<std::uint8_t>(f.number(all_map_flags));
}

// "page_size_mask=N ...": the smallest page is the granule.
void virtio_iommu_log::read_config(text_fields& f) {
  f.need("page_size_mask=");
  const std::uint64_t mask = f.number();
  for (const std::uint8_t shift : {std::uint8_t{12}, std::uint8_t{14}, std::uint8_t{16}}) {
    if ((mask & base::low_mask(shift + 1u)) == std::uint64_t{1} << shift) m_granule = shift;
  }
}

void virtio_iommu_log::complete(trace::summary& s) const {
  s.lines = m_lines.number();
  s.granule_shift = m_granule;
  s.untranslated = m_untranslated + (m_asking ? 1 : 0);
  s.clock_steps_back = m_envelope.steps_back();
}

}  // namespace svasim::workloads
