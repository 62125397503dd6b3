// What is mapped for devices at a moment of an ftrace text: iommu:map gives a range and where it
// leads, the dma event behind it the device, the exact bytes and the direction. Where there are no
// dma events, the NVMe command or block request of the same task gives the direction. Where only
// dma events were recorded, they are the mappings. Memory is bounded: a text with more than
// `max_active` mappings at a time is refused.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "workloads/ftrace_event.h"

namespace svasim::workloads {

struct dma_mapping {
  std::uint64_t first = 0;  ///< whole pages, both inclusive
  std::uint64_t last = 0;
  std::uint64_t dma_first = 0;  ///< the bytes of the DMA in it
  std::uint64_t dma_last = 0;
  std::uint64_t output = 0;  ///< of `first`
  bool has_output = false;
  dma_direction direction = dma_direction::unknown;
  std::uint32_t sid = 0;
  bool has_sid = false;
  std::uint32_t pid = 0;  ///< of the task that mapped it
  bool started = false;   ///< the device has been told: its reads have been given out
};

class dma_mappings {
 public:
  static constexpr std::size_t max_active = 1 << 20;

  /// Takes in an event of kind map, dma_map, command or request of the task `pid`.
  void add(const ftrace_event& e, std::uint32_t pid, text_fields& f);
  /// The mappings that this task made and that no device was told of yet. Each comes once.
  std::vector<dma_mapping> started_by(std::uint32_t pid);
  /// False when what the task mapped is too much for one command: started_by() is due.
  bool waits_for_more(std::uint32_t pid) const;
  /// Ends what [first, last] covers, and gives it; a mapping ended in part gives that part.
  std::vector<dma_mapping> remove(std::uint64_t first, std::uint64_t last);
  /// The mapping that holds this address; nullptr without.
  const dma_mapping* find(std::uint64_t address) const;
  /// iommu:map or unmap was seen: dma_unmap then ends nothing.
  bool has_iommu_events() const { return m_iommu_events; }
  void saw_iommu_event() { m_iommu_events = true; }

 private:
  using by_address = std::map<std::uint64_t, dma_mapping>;

  void map(const dma_segment& s, std::uint32_t pid, text_fields& f);
  void tell(const ftrace_event& e, const dma_segment& s, std::uint32_t pid, text_fields& f);
  void tell_made(dma_direction direction, std::uint32_t pid);
  by_address::iterator holder(std::uint64_t address);

  by_address m_active;                                        // by first
  std::map<std::uint32_t, std::vector<std::uint64_t>> m_new;  // by task, their `first`
  std::size_t m_new_count = 0;
  std::map<std::uint32_t, dma_direction> m_command;  // what the task is about to map for
  bool m_iommu_events = false;
};

}  // namespace svasim::workloads
