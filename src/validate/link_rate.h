// The effective rate of a link: a DMA engine that issues as it can, the link, a root port and
// memory that answers at once. Rates of the second half of a mebibyte, when all is under way.
#pragma once

#include "base/units.h"
#include "describe/visitor.h"
#include "tlm/pcie/link_params.h"

namespace svasim::validate {

struct link_rate_arguments {
  bool write = false;
  base::byte_size size{64};
  void describe(describe::visitor& v);
};

/// In Gb/s. The only simulation of its process.
double link_rate(const pcie::link_params& link, const link_rate_arguments& a);

}  // namespace svasim::validate
