// The seven ways to serve a device that shares an address space, and which hops their faults take:
// the tables of vsva-flow.md section 5, row by row. A row is named by its number there; the hops
// that a variant takes over from another one's table keep their number.
//
// vsva-flow.md leaves the way back to the device out of (d)'s and (e)'s tables: row 15 here.
#pragma once

#include <string>
#include <vector>

#include "tlm/kit/hop_log.h"

namespace svasim::platforms {

enum class variant : std::uint8_t {
  bare_metal,      ///< (a)
  vmm_viommu,      ///< (b) virtio-iommu in user space
  kernel_viommu,   ///< (c) virtio-iommu in the host kernel
  vsmmu,           ///< (d) emulated SMMU, nested translation
  guest_commands,  ///< (e) the same with a command queue of its own
  pinned,          ///< (f) no SVA: map and unmap
  stall,           ///< (g) stall-model platform device
};
constexpr unsigned variant_count = 7;
/// 'a' to 'g'.
char letter(variant v);
/// A few words for people.
const char* title(variant v);
inline bool has_guest(variant v) {
  return v != variant::bare_metal && v != variant::stall;
}
inline bool has_page_requests(variant v) {
  return v != variant::pinned && v != variant::stall;
}

struct hop_row {
  const char* row;    ///< "8", "8-10"
  const char* actor;  ///< as in the table
  const char* what;   ///< for people
  bool on_path;
  std::vector<kit::hop> hops;
};
/// The fault path; empty where the variant has no faults.
const std::vector<hop_row>& fault_rows(variant v);

/// A fault by the rows of its variant; those it did not take have no time.
struct row_time {
  const hop_row* row;
  base::duration time;
};
std::vector<row_time> by_rows(variant v, const kit::finished_fault& f);

}  // namespace svasim::platforms
