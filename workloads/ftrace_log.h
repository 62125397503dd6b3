// Reads Linux ftrace text (the kernel's `trace`, trace-cmd report, perf script) with events of the
// systems iommu, dma, nvme and block, one pass, front to back.
//
// The text tells what a device was allowed to touch, not when it did. So a DMA to the device is
// read, whole, when it was mapped or synced, one from the device written when it is unmapped or
// synced for the CPU; each unmap becomes TLBI_NH_VA over its range and a CMD_SYNC, as with
// iommu.strict=1. A mapping without known direction (VFIO maps all of a guest) is not accessed. A
// page-fault event becomes F_TRANSLATION. With a QEMU log of the same run, join them instead
// (ftrace_join.h).
//
// Leaves out: rings and other coherent memory (mapped once, before the text begins), block sizes,
// devices that are not on PCI, what was mapped before the text began, lost events.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "trace/record.h"
#include "workloads/dma_mappings.h"
#include "workloads/ftrace_event.h"
#include "workloads/line_reader.h"
#include "workloads/record_runs.h"

namespace svasim::workloads {

class ftrace_log {
 public:
  static constexpr const char* format = "ftrace";
  /// Of mappings of which no event tells the device, until one is attached: 00:01.0.
  static constexpr std::uint32_t default_sid = 0x8;
  struct options {};
  ftrace_log(const std::string& path, const options&, bool);
  ftrace_log(const ftrace_log&) = delete;
  ftrace_log& operator=(const ftrace_log&) = delete;

  /// Throws base::input_error with line and column.
  bool next(trace::record& out);
  static bool is_hint(const trace::record&) { return false; }
  /// After the last record. Throws base::input_error when the text has none of the events.
  void complete(trace::summary& s) const;
  const line_reader& lines() const { return m_lines; }

 private:
  void handle(text_fields& f);
  void start(std::uint32_t pid);
  void unmap(std::uint64_t first, std::uint64_t last);
  void sync(bool for_device);
  /// Accesses to the bytes of the DMA in `m`.
  void access(const dma_mapping& m, bool write);
  void invalidate(std::uint64_t first, std::uint64_t last, std::uint32_t sid);
  void fault();
  trace::record stamped();
  std::uint16_t asid_of(std::uint32_t sid);
  std::uint32_t sid_of(const dma_mapping& m) const { return m.has_sid ? m.sid : m_default_sid; }

  line_reader m_lines;
  ftrace_line m_line;
  ftrace_event m_event;
  dma_mappings m_mappings;
  record_runs m_waiting;
  std::uint32_t m_default_sid = default_sid;
  std::map<std::uint32_t, std::uint16_t> m_asids;  // by StreamID, from 1 in order of appearance
  std::uint64_t m_known_events = 0;
};

}  // namespace svasim::workloads
