// Any bytes as a request to a virtio-iommu, as a record of its event queue and as PROBE properties.
#include <algorithm>

#include "arch/virtio_iommu.h"
#include "arch/virtio_iommu_fault.h"
#include "arch/virtio_iommu_probe.h"
#include "arch/virtio_ring.h"
#include "fuzz_input.h"

using namespace svasim;
using namespace svasim::arch;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const viommu_decoded d = decode_viommu_request(data, size);
  if (d.defect == viommu_defect::none) {
    const viommu_request_bytes b = encode(d.request);
    fuzz::require(
        b.size <= size && b.size == viommu_readable_size(d.request.type, d.request.format),
        "size of a request");
    viommu_request expected = d.request;
    expected.reserved_set = false;
    fuzz::require(decode_viommu_request(b.bytes.data(), b.size).request == expected,
                  "request round trip");
    fuzz::require(d.request.reserved_set || std::equal(data + 4, data + b.size, b.bytes.data() + 4),
                  "request bytes");
  }
  for (const auto layout : {viommu_fault_layout::standard, viommu_fault_layout::rfc_s_v1,
                            viommu_fault_layout::reviewed}) {
    const auto f = decode_viommu_fault(data, size, layout);
    fuzz::require(!f || viommu_fault_carried(*f, layout) == *f, "fault round trip");
  }
  const auto list = decode_viommu_properties(data, size);
  if (list) {
    const auto bytes = encode(*list, static_cast<std::uint32_t>(32 * list->size()));
    fuzz::require(bytes && decode_viommu_properties(bytes->data(), bytes->size()) == list,
                  "properties round trip");
  }
  if (size >= 16) {
    virtqueue_descriptor_bytes bytes;
    std::copy(data, data + 16, bytes.begin());
    fuzz::require(encode(decode_virtqueue_descriptor(bytes)) == bytes, "descriptor round trip");
  }
  return 0;
}
