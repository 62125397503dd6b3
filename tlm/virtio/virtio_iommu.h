// A virtio-iommu device (virtio 1.2 section 5.13; page-table extension of RFC-N and RFC-S) without
// a thread of its own: whoever calls serve() does the work, in its own time, as the VMM's ioeventfd
// thread or a worker of the host kernel does. Statuses are given by viommu_domains, what the host
// has to do about a request by the hooks (kit/viommu.h).
//
// Leaves out: configuration space accesses and feature negotiation (what is offered is used),
// config.bypass, reset.
#pragma once

#include <string>
#include <vector>

#include "stats/counter.h"
#include "stats/histogram.h"
#include "tlm/kit/viommu.h"
#include "tlm/virtio/device_queue.h"
#include "tlm/virtio/viommu_domains.h"
#include "tlm/virtio/viommu_params.h"

namespace svasim::virtio {

struct virtio_iommu_stats : stats::group {
  virtio_iommu_stats(stats::group* parent, const std::string& name) : group(parent, name) {}
  stats::counter attach{this, "attach", "requests", "ATTACH requests."};
  stats::counter detach{this, "detach", "requests", "DETACH requests."};
  stats::counter map{this, "map", "requests", "MAP requests."};
  stats::counter unmap{this, "unmap", "requests", "UNMAP requests."};
  stats::counter probe{this, "probe", "requests", "PROBE requests."};
  stats::counter attach_table{this, "attach_table", "requests", "ATTACH_TABLE requests."};
  stats::counter invalidate{this, "invalidate", "requests", "INVALIDATE requests."};
  stats::counter page_responses{this, "page_responses", "requests", "PAGE_RESP requests."};
  stats::counter malformed{this, "malformed", "requests",
                           "Returned with used length 0: no known type, or no room for a status."};
  stats::counter refused{this, "refused", "requests", "Requests with a status other than OK."};
  stats::counter events{this, "events", "events", "Records written to event buffers."};
  stats::counter events_dropped{this, "events_dropped", "events",
                                "Records that found no buffer, or one too small for them."};
  stats::counter events_waited{this, "events_waited", "times",
                               "Times a record had to wait for a buffer."};
  stats::histogram service_time{this, "service_time", "ps",
                                "A request, from the ring until its used entry is written."};
};

class virtio_iommu final : public kit::viommu_device {
 public:
  /// The rings are the driver's; `memory` as for device_queue.
  virtio_iommu(const viommu_params& params, const arch::virtqueue_layout& requests,
               const arch::virtqueue_layout& events, const kit::guest_memory& memory,
               stats::group* parent, const std::string& name);

  /// Set up before time starts.
  void add_endpoint(std::uint32_t id, std::vector<arch::viommu_probe_property> reserved = {}) {
    m_domains.add_endpoint(id, std::move(reserved));
  }
  /// A request that was served before time starts: an ATTACH or ATTACH_TABLE at boot. No hooks.
  arch::viommu_status set_up(const arch::viommu_request& r);

  bool serve(kit::task& t) override;
  kit::viommu_report report(kit::task& t, const arch::viommu_fault& f) override;
  kit::virtqueue_device& requests() override { return m_requests; }
  kit::virtqueue_device& events() override { return m_events; }
  std::vector<std::uint32_t> endpoints_of(std::uint32_t domain) const override {
    return m_domains.endpoints_of(domain);
  }
  std::vector<kit::viommu_mapping> mappings_of(std::uint32_t domain) const override {
    return m_domains.mappings_of(domain);
  }
  const viommu_domains& domains() const { return m_domains; }
  const virtio_iommu_stats& statistics() const { return m_stats; }

 private:
  std::uint32_t answer(kit::task& t);
  arch::viommu_status carry_out(kit::task& t, const arch::viommu_request& r);
  arch::viommu_status call_hook(kit::task& t, const arch::viommu_request& r);
  bool write_properties(kit::task& t, std::uint32_t endpoint);
  void count(arch::viommu_type type);

  const viommu_params m_params;
  virtio_iommu_stats m_stats;
  device_queue m_requests;
  device_queue m_events;
  viommu_domains m_domains;
  kit::ring_chain m_request;  // the one being served
  kit::ring_chain m_buffer;
  std::vector<kit::viommu_mapping> m_removed;
};

}  // namespace svasim::virtio
