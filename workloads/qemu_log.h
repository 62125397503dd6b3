// Reads the log of QEMU's smmuv3 trace events (-trace smmu* -msg timestamp=on), one pass, front to
// back:
//
//   25597@1795368194.293678:smmuv3_translate_success NAME sid=0x8 iova=0xffffd000
//   translated=0x4ce6f000 perm=0x3 stage=1
//
// Accesses, invalidation and configuration commands, faults and the blocks in the table become
// records; all other events are skipped. smmu_iotlb_inv_all is none of the guest's commands: the
// emulator logs it also when its own TLB is full.
//
// A log holds neither length nor direction of an access: `qemu_defaults` fills them in. An access
// is a read unless the page permits writes only; a write to the interrupt doorbell is known by its
// address. Times are the emulator's: order and addresses are real, gaps are not.
#pragma once

#include <cstdint>
#include <string>

#include "base/units.h"
#include "trace/record.h"
#include "workloads/line_reader.h"
#include "workloads/qemu_commands.h"
#include "workloads/qemu_envelope.h"

namespace svasim::workloads {

struct qemu_defaults {
  /// Of an access, 1 B to 4 KiB, cut at the end of its 4 KiB page.
  base::byte_size access_length = base::bytes(64);
  /// Of an interrupt (MSI) write.
  base::byte_size doorbell_length = base::bytes(4);
  /// Output addresses first..last are the interrupt controller's doorbell: GIC ITS and GICv2m of -M
  /// virt.
  std::uint64_t doorbell_first = 0x8090000;
  std::uint64_t doorbell_last = 0x809ffff;
};

class qemu_log {
 public:
  static constexpr const char* format = "qemu-smmuv3";
  /// Whether the log tells reads from writes.
  static constexpr bool logs_direction = false;
  using options = qemu_defaults;
  /// `page_leaves`: also give the fills of pages, which tell only the tag of a stream.
  qemu_log(const std::string& path, const options& defaults, bool page_leaves);
  qemu_log(const qemu_log&) = delete;
  qemu_log& operator=(const qemu_log&) = delete;

  bool next(trace::record& out);
  /// Whether the record is there for the summary only.
  static bool is_hint(const trace::record& r) {
    return r.kind == trace::record_kind::leaf && r.level == 3;
  }
  /// After the last record: adds what only the reader knows. Throws base::input_error when the log
  /// has no smmuv3 event at all.
  void complete(trace::summary& s) const;
  const line_reader& lines() const { return m_lines; }

 private:
  bool read_line(std::string_view line, trace::record& out);
  bool read_event(std::string_view event, text_fields& f, trace::record& out);
  void read_access(text_fields& f, trace::record& out) const;
  bool read_leaf(text_fields& f, trace::record& out) const;
  void read_fault(text_fields& f, trace::record& out) const;

  line_reader m_lines;
  qemu_envelope m_envelope;
  options m_defaults;
  bool m_page_leaves;
  bool m_ended = false;
  qemu_commands m_commands;
  std::uint64_t m_untranslated = 0;
  bool m_saw_smmu = false;
};

}  // namespace svasim::workloads
