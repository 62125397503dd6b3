// What a virtio-iommu tells in its event queue: the 24-byte fault record of virtio 1.2 (5.13.6.9),
// and the two 48-byte records that were proposed to carry page requests to a guest: that of RFC-S
// v1 (Apr 2021), and the one its reviewers asked for instead (J.-P. Brucker, Sep 2021).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace svasim::arch {

enum class viommu_fault_layout : std::uint8_t {
  standard,  ///< 24 B; no page requests
  rfc_s_v1,  ///< 48 B
  reviewed,  ///< 48 B
};

enum class viommu_fault_reason : std::uint8_t { unknown = 0, domain = 1, mapping = 2 };

/// One record. What a layout has no place for is lost in it: see viommu_fault_carried().
struct viommu_fault {
  viommu_fault_reason reason = viommu_fault_reason::unknown;
  bool page_request = false;  ///< else an unrecoverable fault
  bool read = false;
  bool write = false;
  bool execute = false;
  bool privileged = false;   ///< reviewed
  bool last = false;         ///< of its group
  bool has_address = false;  ///< standard, reviewed; RFC-S v1 keeps the bit of the standard record
  bool has_pasid = false;
  bool has_group = false;      ///< reviewed; in RFC-S v1 a group counts where there is a PASID
  bool has_private = false;    ///< private data follows
  bool needs_pasid = false;    ///< RFC-S v1: the response has to carry the PASID
  std::uint32_t endpoint = 0;  ///< StreamID as the guest knows it
  std::uint32_t pasid = 0;
  std::uint32_t group = 0;  ///< 16 bits in the reviewed layout
  std::uint64_t address = 0;
  std::array<std::uint64_t, 2> private_data{};  ///< reviewed

  friend bool operator==(const viommu_fault& a, const viommu_fault& b);
};

constexpr std::uint32_t viommu_fault_size(viommu_fault_layout layout) {
  return layout == viommu_fault_layout::standard ? 24 : 48;
}

struct viommu_fault_bytes {
  static constexpr std::size_t max_size = 48;
  std::array<std::uint8_t, max_size> bytes{};
  std::uint32_t size = 0;
};
viommu_fault_bytes encode(const viommu_fault& f, viommu_fault_layout layout);
/// Empty where there are too few bytes, or a number that means nothing (reason; flt_type of RFC-S
/// v1). Reserved bits are dropped.
std::optional<viommu_fault> decode_viommu_fault(const std::uint8_t* bytes, std::size_t size,
                                                viommu_fault_layout layout);
/// `f` as it arrives.
viommu_fault viommu_fault_carried(const viommu_fault& f, viommu_fault_layout layout);

}  // namespace svasim::arch
