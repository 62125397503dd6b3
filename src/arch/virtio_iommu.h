// Requests of the driver to a virtio-iommu and their answers (virtio 1.2 section 5.13.6), with the
// page-table extension of RFC-N and RFC-S (V. Gautam, "iommu/virtio: Nested stage support with Arm"
// and "vSVA support with Arm", 2021): the bytes, little-endian. Whether a request makes sense is
// for the device to say.
//
// Left out: the numbers that a merged extension would take instead (ATTACH_TABLE and SVA collide
// with BYPASS_CONFIG in the RFCs).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace svasim::arch {

/// Feature bits.
namespace viommu_feature {
constexpr unsigned input_range = 0, domain_range = 1, map_unmap = 2, bypass = 3, probe = 4,
                   mmio = 5, bypass_config = 6;
}  // namespace viommu_feature

enum class viommu_type : std::uint8_t {
  attach = 1,
  detach = 2,
  map = 3,
  unmap = 4,
  probe = 5,
  attach_table = 6,
  invalidate = 7,
  page_resp = 8,
};

enum class viommu_status : std::uint8_t {
  ok = 0,
  ioerr = 1,
  unsupp = 2,
  deverr = 3,
  inval = 4,
  range = 5,
  noent = 6,
  fault = 7,
  nomem = 8,
};

/// "ATTACH_TABLE"; "reserved" for a number that is no request.
std::string_view name(viommu_type t);
/// "NOENT"; "reserved" for a number that is no status.
std::string_view name(viommu_status s);

/// Formats of ATTACH_TABLE; others have the generic form.
constexpr std::uint16_t viommu_format_lpae = 1;   ///< an Arm LPAE page table
constexpr std::uint16_t viommu_format_pasid = 2;  ///< an Arm SMMUv3 table of CDs

constexpr std::uint32_t viommu_attach_bypass = 1;
constexpr std::uint32_t viommu_map_read = 1, viommu_map_write = 2, viommu_map_mmio = 4;

/// INVALIDATE: how much, of what, and which fields count.
constexpr std::uint16_t viommu_inv_domain = 1, viommu_inv_pasid = 2, viommu_inv_va = 4;
constexpr std::uint16_t viommu_inv_iotlb = 1, viommu_inv_dev_iotlb = 2, viommu_inv_pasid_cache = 4;
constexpr std::uint16_t viommu_inv_pasid_valid = 1, viommu_inv_archid_valid = 2,
                        viommu_inv_leaf = 4;

constexpr std::uint32_t viommu_resp_pasid_valid = 1;
/// PAGE_RESP: resp_code.
enum class viommu_page_code : std::uint16_t { success = 0, invalid = 1, failure = 2 };

/// One request. A field that its type does not have is zero.
struct viommu_request {
  viommu_type type{};
  std::uint32_t domain = 0;
  std::uint32_t endpoint = 0;  ///< ATTACH, DETACH, PROBE, ATTACH_TABLE, PAGE_RESP
  std::uint32_t flags = 0;     ///< ATTACH, MAP, INVALIDATE, PAGE_RESP

  std::uint64_t virt_start = 0;  ///< MAP, UNMAP, INVALIDATE
  std::uint64_t virt_end = 0;    ///< MAP, UNMAP: inclusive
  std::uint64_t phys_start = 0;  ///< MAP

  std::uint16_t format = 0;         ///< ATTACH_TABLE, and by format:
  std::uint8_t s1fmt = 0;           ///< PASID table: 0 linear, 1 4K leaves, 2 64K leaves
  std::uint8_t s1dss = 0;           ///< PASID table: 0 terminate, 1 bypass, 2 substream 0
  std::uint64_t s1contextptr = 0;   ///< PASID table
  std::uint32_t s1cdmax = 0;        ///< PASID table
  std::uint16_t asid = 0;           ///< page table
  std::uint64_t tcr = 0, ttbr = 0;  ///< page table
  std::uint64_t mair = 0;           ///< page table

  std::uint16_t inv_gran = 0;  ///< INVALIDATE
  std::uint16_t inv_type = 0;  ///< INVALIDATE
  std::uint32_t pasid = 0;     ///< INVALIDATE, PAGE_RESP
  std::uint64_t archid = 0;    ///< INVALIDATE: the ASID
  std::uint64_t pages = 0;     ///< INVALIDATE
  std::uint8_t granule = 0;    ///< INVALIDATE: log2 of the bytes of a page

  std::uint32_t group = 0;       ///< PAGE_RESP: grpid
  std::uint16_t code = 0;        ///< PAGE_RESP: viommu_page_code
  std::uint8_t pasid_valid = 0;  ///< PAGE_RESP: RFC-S says it twice, see flags

  /// A reserved byte behind the head was not zero. Encoded as zeros.
  bool reserved_set = false;

  friend bool operator==(const viommu_request& a, const viommu_request& b);
};

/// The device-readable part of a request.
struct viommu_request_bytes {
  static constexpr std::size_t max_size = 76;
  std::array<std::uint8_t, max_size> bytes{};
  std::uint32_t size = 0;
};
viommu_request_bytes encode(const viommu_request& r);

/// The readable bytes of a request of this type; 0 for a number that is none.
std::uint32_t viommu_readable_size(viommu_type type, std::uint16_t format = 0);
/// The writable bytes: the tail, and before it the properties of a PROBE.
std::uint32_t viommu_writable_size(viommu_type type, std::uint32_t probe_size);
/// The tail: status and 3 reserved bytes.
constexpr std::uint32_t viommu_tail_size = 4;

enum class viommu_defect : std::uint8_t {
  none,
  unknown_type,  ///< returned with used length 0
  too_short,     ///< fewer bytes than its type has: INVAL
};
struct viommu_decoded {
  viommu_defect defect = viommu_defect::none;
  viommu_request request;  ///< with a defect, only its type counts
};
/// Any bytes; those behind the request are ignored.
viommu_decoded decode_viommu_request(const std::uint8_t* bytes, std::size_t size);

}  // namespace svasim::arch
