#include "arch/virtio_iommu_probe.h"

#include <tuple>

#include "arch/virtio_wire.h"

namespace svasim::arch {
namespace {

constexpr std::uint16_t type_mask = 0xfff;
constexpr std::size_t head_size = 4;

// The value of a property. False for a type that is not known.
template <class Io, class P>
bool layout(Io& io, P& p) {
  switch (p.type) {
    case viommu_property::none:
      return false;
    case viommu_property::resv_mem:
      io.field(p.subtype);
      io.reserved(3);
      io.field(p.start);
      io.field(p.end);
      return true;
    case viommu_property::page_size_mask:
      io.reserved(4);
      io.field(p.mask);
      return true;
    case viommu_property::input_range:
      io.reserved(4);
      io.field(p.start);
      io.field(p.end);
      return true;
    case viommu_property::output_size:
    case viommu_property::pasid_size:
      io.field(p.bits);
      io.reserved(3);
      return true;
    case viommu_property::page_table_format:
    case viommu_property::pasid_table_format:
      io.field(p.format);
      io.field(p.asid_bits);
      io.field(p.flags);
      io.reserved(4);
      return true;
  }
  return false;
}

}  // namespace

bool operator==(const viommu_probe_property& a, const viommu_probe_property& b) {
  const auto fields = [](const viommu_probe_property& p) {
    return std::tuple(p.type, p.subtype, p.start, p.end, p.mask, p.bits, p.format, p.asid_bits,
                      p.flags);
  };
  return fields(a) == fields(b);
}

std::optional<std::vector<std::uint8_t>> encode(const std::vector<viommu_probe_property>& list,
                                                std::uint32_t probe_size) {
  std::vector<std::uint8_t> out(probe_size);
  std::size_t at = 0;
  for (const viommu_probe_property& p : list) {
    wire_writer measure(nullptr, 0);
    layout(measure, p);
    if (at + head_size + measure.size() > out.size()) return std::nullopt;
    wire_writer io(out.data() + at, out.size() - at);
    io.field(static_cast<std::uint16_t>(p.type));
    io.field(static_cast<std::uint16_t>(measure.size()));
    layout(io, p);
    at += io.size();
  }
  return out;
}

std::optional<std::vector<viommu_probe_property>> decode_viommu_properties(
    const std::uint8_t* bytes, std::size_t size) {
  std::vector<viommu_probe_property> out;
  for (std::size_t at = 0; size - at >= head_size;) {
    std::uint16_t type = 0, length = 0;
    wire_reader head(bytes + at, head_size);
    head.field(type);
    head.field(length);
    viommu_probe_property p;
    p.type = static_cast<viommu_property>(type & type_mask);
    if (p.type == viommu_property::none) break;
    at += head_size;
    if (size - at < length) return std::nullopt;
    wire_reader io(bytes + at, length);
    const bool known = layout(io, p);
    if (io.too_short()) return std::nullopt;
    if (known) out.push_back(p);
    at += length;
  }
  return out;
}

}  // namespace svasim::arch
