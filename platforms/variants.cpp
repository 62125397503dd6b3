#include "platforms/variants.h"

#include <algorithm>
#include <stdexcept>

namespace svasim::platforms {

using kit::hop;

char letter(variant v) {
  return static_cast<char>('a' + static_cast<unsigned>(v));
}

const char* title(variant v) {
  switch (v) {
    case variant::bare_metal:
      return "bare-metal SVA";
    case variant::vmm_viommu:
      return "vSVA, virtio-iommu in the VMM";
    case variant::kernel_viommu:
      return "vSVA, virtio-iommu in the kernel";
    case variant::vsmmu:
      return "nested vSMMU";
    case variant::guest_commands:
      return "nested vSMMU, guest command queue";
    case variant::pinned:
      return "pinned VFIO, map and unmap";
    case variant::stall:
      return "stall-model device";
  }
  return "?";
}

namespace {

using rows = std::vector<hop_row>;

// Rows 1 to 7 of (a), which (b) to (e) share.
rows with_hardware(const rows& rest) {
  rows all{
      {"1", "DEV", "ATC miss, Translation Request", true, {hop::dev_request}},
      {"2", "RC", "forwards the request", true, {hop::rc_request}},
      {"3", "SMMU", "STE, CD and walk", true, {hop::smmu_walk}},
      {"4", "SMMU", "completion without access", true, {hop::smmu_completion}},
      {"5", "DEV", "Page Request", true, {hop::dev_page_request}},
      {"6", "SMMU", "PRIQ entry, interrupt", true, {hop::smmu_priq}},
      {"7", "HK", "PRIQ thread", true, {hop::hk_irq_thread}},
  };
  all.insert(all.end(), rest.begin(), rest.end());
  return all;
}

const hop_row row_injection{"11", "vCPU", "injection, wake-up", true, {hop::vcpu_inject}};
const hop_row row_event{"12", "GK", "event interrupt", true, {hop::gk_event_irq}};
const hop_row row_work{"13", "GK", "viommu-pri-wq, io-pgfault", true, {hop::gk_work}};
const hop_row row_mm{"14", "GK", "handle_mm_fault", true, {hop::gk_mm}};
const hop_row row_stage2{"15", "HK", "stage-2 fault", true, {hop::hk_stage2}};
const hop_row row_back{
    "21", "SMMU/DEV", "PRG Response, retry", true, {hop::smmu_response, hop::dev_retry}};

rows rows_of(variant v) {
  switch (v) {
    case variant::bare_metal:
      return with_hardware({
          {"8", "HK", "group work queued", true, {hop::hk_group_work}},
          {"9", "HK", "handle_mm_fault", true, {hop::hk_mm}},
          {"10", "HK", "CMD_PRI_RESP", true, {hop::hk_response}},
          {"11", "SMMU", "PRG Response", true, {hop::smmu_response}},
          {"12", "DEV", "retry", true, {hop::dev_retry}},
      });
    case variant::vmm_viommu:
      return with_hardware({
          {"8", "HK", "DMA-fault ring, eventfd", true, {hop::hk_fault_ring}},
          {"9", "VMM", "fault thread", true, {hop::vmm_fault_thread}},
          {"10", "VMM", "event buffer, MSI injection", true, {hop::vmm_event}},
          row_injection,
          row_event,
          row_work,
          row_mm,
          row_stage2,
          {"16", "GK", "PAGE_RESP, kick", true, {hop::gk_page_response}},
          {"17", "VMM", "ioeventfd worker, VFIO response", true, {hop::vmm_response}},
          {"18", "HK", "response workqueue", true, {hop::hk_response_work}},
          {"19", "HK", "CMD_PRI_RESP", true, {hop::hk_response}},
          {"20", "VMM", "status, used ring", false, {hop::vmm_status}},
          row_back,
      });
    case variant::kernel_viommu:
      return with_hardware({
          {"8-10", "HK", "event buffer, irqfd", true, {hop::hk_event}},
          row_injection,
          row_event,
          row_work,
          row_mm,
          row_stage2,
          {"16-20",
           "GK/HK",
           "PAGE_RESP, worker, CMD_PRI_RESP",
           true,
           {hop::gk_page_response, hop::vmm_response, hop::hk_response}},
          row_back,
      });
    case variant::vsmmu:
    case variant::guest_commands:
      return with_hardware({
          {"8", "HK", "iommufd fault queue", true, {hop::hk_fault_queue}},
          {"9", "VMM", "guest PRIQ entry", true, {hop::vmm_guest_queue}},
          {"10", "VMM", "vSMMU interrupt", true, {hop::vmm_inject}},
          {"11",
           "GK",
           "PRIQ thread, io-pgfault, handle_mm_fault",
           true,
           {hop::gk_priq_thread, hop::gk_work, hop::gk_mm, hop::hk_stage2}},
          {"12", "GK", "CMD_PRI_RESP, trap", true, {hop::gk_command}},
          {"13", "VMM", "guest CMDQ, fault fd", true, {hop::vmm_command}},
          {"14", "HK", "CMD_PRI_RESP", true, {hop::hk_response}},
          {"15", "SMMU/DEV", "PRG Response, retry", true, {hop::smmu_response, hop::dev_retry}},
      });
    case variant::pinned:
      return {};
    case variant::stall:
      return {
          {"1", "DEV", "untranslated transaction", true, {hop::dev_untranslated}},
          {"2", "SMMU", "walk, fault, held", true, {hop::smmu_stall}},
          {"3", "SMMU", "EVTQ record, interrupt", true, {hop::smmu_evtq}},
          {"4", "HK", "EVTQ thread, io-pgfault", true, {hop::hk_irq_thread, hop::hk_group_work}},
          {"5", "HK", "handle_mm_fault", true, {hop::hk_mm}},
          {"6", "HK", "CMD_RESUME", true, {hop::hk_response}},
          {"7", "SMMU", "retry", true, {hop::smmu_response, hop::dev_retry}},
      };
  }
  return {};
}

}  // namespace

const std::vector<hop_row>& fault_rows(variant v) {
  static const std::vector<rows> all = [] {
    std::vector<rows> out;
    for (unsigned i = 0; i < variant_count; ++i) out.push_back(rows_of(static_cast<variant>(i)));
    return out;
  }();
  return all[static_cast<unsigned>(v)];
}

std::vector<row_time> by_rows(variant v, const kit::finished_fault& f) {
  std::vector<row_time> out;
  for (const hop_row& r : fault_rows(v)) out.push_back({&r, base::duration()});
  const auto add = [&](const kit::hop_time& h) {
    for (row_time& r : out) {
      const auto& hops = r.row->hops;
      if (std::find(hops.begin(), hops.end(), h.what) == hops.end()) continue;
      r.time += h.length;
      return;
    }
    throw std::logic_error("a fault takes a hop that its variant does not have");
  };
  for (const kit::hop_time& h : f.on_path) add(h);
  for (const kit::hop_time& h : f.beside) add(h);
  return out;
}

}  // namespace svasim::platforms
