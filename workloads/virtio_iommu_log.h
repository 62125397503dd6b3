// Reads the log of QEMU's virtio-iommu trace events (-trace virtio_iommu* -msg timestamp=on), one
// pass, front to back:
//
//   27598@1795368347.344286:virtio_iommu_map domain=1 virt_start=0xfffbf000 virt_end=0xfffbffff
//   phys_start=0x4fa81000 flags=2
//   27595@1795368347.344645:virtio_iommu_translate mr=virtio-iommu-memory-region-1-8 rid=8
//   addr=0xfffc0040 flag=1
//   27595@1795368347.344651:virtio_iommu_translate_out 0xfffc0040 -> 0x48ff0040 for sid=8
//
// Translations become accesses, the driver's attach, detach, map and unmap become requests; all
// other events are skipped, virtio_iommu_unmap_done among them: it tells what the device did about
// an unmap. An access whose virtio_iommu_translate is not right before it in the log counts as a
// read. Lengths are made up (`qemu_defaults::access_length`); times are the emulator's.
#pragma once

#include <cstdint>
#include <string>

#include "trace/record.h"
#include "workloads/line_reader.h"
#include "workloads/qemu_envelope.h"
#include "workloads/qemu_log.h"

namespace svasim::workloads {

class virtio_iommu_log {
 public:
  static constexpr const char* format = "qemu-virtio-iommu";
  /// Whether the log tells reads from writes.
  static constexpr bool logs_direction = true;
  using options = qemu_defaults;
  virtio_iommu_log(const std::string& path, const options& defaults, bool page_leaves);
  virtio_iommu_log(const virtio_iommu_log&) = delete;
  virtio_iommu_log& operator=(const virtio_iommu_log&) = delete;

  /// Throws base::input_error with line and column where an operand is wrong.
  bool next(trace::record& out);
  static bool is_hint(const trace::record&) { return false; }
  /// After the last record: adds what only the reader knows.
  void complete(trace::summary& s) const;
  const line_reader& lines() const { return m_lines; }

 private:
  struct asked {
    std::uint32_t endpoint;
    std::uint64_t address;
    bool write;
  };
  bool read_event(std::string_view event, text_fields& f, trace::record& out);
  void read_translate(text_fields& f);
  void read_access(text_fields& f, trace::record& out);
  static void read_request(trace::request_type type, text_fields& f, trace::record& out);
  void read_config(text_fields& f);

  line_reader m_lines;
  qemu_envelope m_envelope;
  options m_defaults;
  bool m_asking = false;  // a translation without its result so far
  asked m_asked{};
  std::uint64_t m_untranslated = 0;
  std::uint8_t m_granule = 12;
};

}  // namespace svasim::workloads
