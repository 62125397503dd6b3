// What the TLB commands and virtio-iommu requests of a trace remove from a cache of (StreamID,
// page) entries, by the tag (ASID, VMID, and domain) that each stream's translations have for the
// whole trace: a range, the entries of the tag whose page overlaps it; NH_ASID, all of the tag;
// NH_ALL and S12_VMALL, all of the VMID; NSNH_ALL, everything. S2_IPA names a range of its VMID, of
// whatever ASID. An unmap request removes what overlaps its range in the streams of its domain.
//
// Left out: Leaf and TTL; CFGI commands and ATC_INV, which remove no entry of an SMMU TLB; attach,
// detach and map requests; tags
// that change while the trace goes on, and tags of single SubstreamIDs.
#pragma once

#include <tsl/robin_map.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "arch/registers.h"
#include "trace/record.h"

namespace svasim::reuse {

/// The streams of each translation tag.
class stream_tags {
 public:
  explicit stream_tags(const std::vector<trace::stream_tag>& streams);

  struct tag {
    base::asid asid;
    base::vmid vmid;
    bool has_domain = false;
    std::uint32_t domain = 0;
    std::vector<std::uint32_t> streams;
  };
  const std::vector<tag>& all() const { return m_tags; }
  /// Index into all(). Throws base::input_error for a stream that was not among `streams`.
  std::size_t of(base::stream_id sid) const;

 private:
  std::vector<tag> m_tags;
  tsl::robin_map<std::uint32_t, std::size_t> m_of;
};

struct removal {
  std::vector<std::size_t> tags;  ///< indices into stream_tags::all()
  std::uint64_t first = 0;        ///< addresses, both inclusive
  std::uint64_t last = ~std::uint64_t{0};

  bool whole_tags() const { return first == 0 && last == ~std::uint64_t{0}; }
};

class invalidation_reader {
 public:
  /// Keeps `tags`, which must outlive it. A range covers whole granules of 2^granule_shift bytes,
  /// as a single address names the translation it lies in.
  invalidation_reader(const stream_tags& tags, unsigned granule_shift)
      : m_tags(tags), m_granule_shift(granule_shift) {}

  /// What a record removes; no tags where it removes nothing, as all but commands and requests do.
  /// Valid until the next call.
  const removal& read(const trace::record& r);

 private:
  void read_command(const trace::record& r);
  void read_unmap(const trace::record& r);
  void set_range(std::uint64_t first, std::uint64_t last);

  const stream_tags& m_tags;
  unsigned m_granule_shift;
  arch::idr m_caps;
  removal m_removal;
};

}  // namespace svasim::reuse
