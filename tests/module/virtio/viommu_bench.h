// A virtio-iommu with both its queues; the test is the driver, one request at a time.
#pragma once

#include <cstring>

#include "ring_bench.h"
#include "tlm/virtio/virtio_iommu.h"

namespace svasim::test {

struct viommu_bench {
  explicit viommu_bench(const virtio::viommu_params& p = {})
      : params(p),
        requests(p.requests, base::ipa(ring_at), nullptr, "requests"),
        events(p.events, base::ipa(0x20000), nullptr, "events"),
        device(p, requests.layout(), events.layout(), guest_slot, nullptr, "viommu") {
    guest.noting = host.noting = false;
    device.add_endpoint(8);
    device.add_endpoint(16);
  }

  const virtio::viommu_params params;
  base::sparse_memory memory;
  noting_task guest{memory, guest_base};
  noting_task host{memory, 0};
  virtio::driver_queue requests, events;
  virtio::virtio_iommu device;
  std::uint32_t written = 0;  // by the last request
  static constexpr std::uint64_t request_at = 0x2000, answer_at = 0x3000, buffers_at = 0x4000;

  /// Any bytes as a request; the first byte of the tail, or 255 where nothing was written.
  std::uint8_t submit(const void* bytes, std::uint32_t n, std::uint32_t room) {
    kit::write_memory(guest, request_at, bytes, n);
    const kit::ring_part parts[] = {{request_at, n}, {answer_at, room}};
    if (!requests.add(guest, parts + (n == 0 ? 1 : 0), n == 0 ? 0 : 1, room == 0 ? 0 : 1, 1))
      return 254;
    requests.publish(guest);
    if (!device.serve(host)) return 253;
    const auto used = requests.collect(guest);
    if (!used) return 252;
    written = used->written;
    if (written == 0) return 255;
    std::uint8_t status;
    kit::read_memory(guest, answer_at + written - 4, &status, 1);
    return status;
  }
  arch::viommu_status submit(const arch::viommu_request& r) {
    const auto b = encode(r);
    const std::uint32_t room = arch::viommu_writable_size(r.type, params.probe_size);
    return static_cast<arch::viommu_status>(submit(b.bytes.data(), b.size, room));
  }
  void give_buffers(unsigned n, std::uint32_t size = 48) {
    for (unsigned i = 0; i < n; ++i) {
      const kit::ring_part part[] = {{buffers_at + i * 64, size}};
      (void)events.add(guest, part, 0, 1, i);
    }
    events.publish(guest);
  }
};

inline arch::viommu_request request(arch::viommu_type type, std::uint32_t domain,
                                    std::uint32_t endpoint = 0) {
  arch::viommu_request r;
  r.type = type;
  r.domain = domain;
  r.endpoint = endpoint;
  return r;
}
inline arch::viommu_request attach(std::uint32_t domain, std::uint32_t endpoint,
                                   std::uint32_t flags = 0) {
  arch::viommu_request r = request(arch::viommu_type::attach, domain, endpoint);
  r.flags = flags;
  return r;
}
inline arch::viommu_request map(std::uint32_t domain, std::uint64_t start, std::uint64_t end,
                                std::uint64_t output = 0x40000, std::uint32_t flags = 3) {
  arch::viommu_request r = request(arch::viommu_type::map, domain);
  r.virt_start = start;
  r.virt_end = end;
  r.phys_start = output;
  r.flags = flags;
  return r;
}
inline arch::viommu_request unmap(std::uint32_t domain, std::uint64_t start, std::uint64_t end) {
  arch::viommu_request r = map(domain, start, end, 0, 0);
  r.type = arch::viommu_type::unmap;
  return r;
}
inline arch::viommu_request attach_table(std::uint32_t domain, std::uint32_t endpoint) {
  arch::viommu_request r = request(arch::viommu_type::attach_table, domain, endpoint);
  r.format = arch::viommu_format_pasid;
  r.s1contextptr = 0x9000;
  r.s1cdmax = 16;
  r.s1dss = 2;
  return r;
}
inline arch::viommu_request invalidate(std::uint32_t domain) {
  arch::viommu_request r = request(arch::viommu_type::invalidate, domain);
  r.inv_gran = arch::viommu_inv_va;
  r.inv_type = arch::viommu_inv_iotlb | arch::viommu_inv_dev_iotlb;
  r.flags = arch::viommu_inv_pasid_valid;
  r.pasid = 5;
  r.virt_start = 0x7000;
  r.pages = 2;
  r.granule = 12;
  return r;
}

}  // namespace svasim::test
