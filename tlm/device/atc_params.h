// Parameters of the address translation cache of a device.
#pragma once

#include "base/units.h"
#include "describe/visitor.h"
#include "tlm/device/page_request_params.h"
#include "tlm/kit/cache_params.h"

namespace svasim::device {

/// Which sizes an entry may have; a completion that is larger is entered in part.
enum class atc_sizes : std::uint8_t {
  any,           ///< that of the completion, up to the largest
  two,           ///< the STU or the largest
  smallest_only  ///< the STU
};

struct atc_params : kit::cache_params {
  atc_params()
      : cache_params{1024, 8, uarch::replacement::lru, base::ns(4),
                     "A: measurements 11; none published"} {}
  std::uint32_t ports = 0;
  std::uint32_t partitions = 1;
  std::uint32_t index_bit = 0;
  base::byte_size stu = base::kib(4);
  base::byte_size largest = base::mib(2);
  atc_sizes sizes = atc_sizes::any;
  std::uint32_t slots = 256;
  bool coalesce = true;
  std::uint32_t requests = 32;
  std::uint32_t translations_per_request = 1;
  std::uint32_t prefetch = 0;
  std::uint32_t invalidate_queue = 32;
  base::duration invalidate_time = base::ns(50);
  bool drain_writes = false;
  page_request_params page_requests;
  void describe(describe::visitor& v);

  uarch::geometry shape() const { return {entries, ways, index_bit}; }
  unsigned stu_shift() const;
  unsigned largest_shift() const;
};

}  // namespace svasim::device
