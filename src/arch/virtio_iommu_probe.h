// The properties that a PROBE of an endpoint answers with (virtio 1.2 section 5.13.6.7 and RFC-N):
// le16 type (12 bits), le16 length, value; the next behind it; type 0 or the end of the buffer
// ends.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace svasim::arch {

enum class viommu_property : std::uint16_t {
  none = 0,
  resv_mem = 1,
  page_size_mask = 2,
  input_range = 3,
  output_size = 4,
  pasid_size = 5,
  page_table_format = 6,
  pasid_table_format = 7,
};

constexpr std::uint8_t viommu_resv_reserved = 0, viommu_resv_msi = 1;

/// A field that its type does not have is zero.
struct viommu_probe_property {
  viommu_property type = viommu_property::none;
  std::uint8_t subtype = 0;     ///< resv_mem: reserved, or the window of MSIs
  std::uint64_t start = 0;      ///< resv_mem, input_range
  std::uint64_t end = 0;        ///< resv_mem, input_range: inclusive
  std::uint64_t mask = 0;       ///< page_size_mask
  std::uint8_t bits = 0;        ///< output_size, pasid_size
  std::uint16_t format = 0;     ///< the formats, as in ATTACH_TABLE
  std::uint16_t asid_bits = 0;  ///< the formats
  std::uint32_t flags = 0;      ///< the formats

  friend bool operator==(const viommu_probe_property& a, const viommu_probe_property& b);
};

/// `probe_size` bytes, zero behind the last property. Empty where they do not fit.
std::optional<std::vector<std::uint8_t>> encode(const std::vector<viommu_probe_property>& list,
                                                std::uint32_t probe_size);
/// Properties of a type that is not known are passed over. Empty where one ends behind the buffer,
/// or is shorter than its type.
std::optional<std::vector<viommu_probe_property>> decode_viommu_properties(
    const std::uint8_t* bytes, std::size_t size);

}  // namespace svasim::arch
