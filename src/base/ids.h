// Identifiers of the SMMUv3 architecture (Arm IHI 0070 sections 3.3 and 3.17).
#pragma once

#include "base/strong.h"

namespace svasim::base {

/// Names a stream of transactions; for PCIe bits 15:0 are the RequesterID (IHI 0070 16.4).
using stream_id = strong_id<struct stream_id_tag, std::uint32_t>;
/// SubstreamID, the PCIe PASID; 20 bits.
using substream_id = strong_id<struct substream_id_tag, std::uint32_t>;
/// Address space identifier, 16 bits.
using asid = strong_id<struct asid_tag, std::uint16_t>;
/// Virtual machine identifier, 16 bits.
using vmid = strong_id<struct vmid_tag, std::uint16_t>;

}  // namespace svasim::base
