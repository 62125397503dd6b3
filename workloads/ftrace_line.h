// What every line of Linux ftrace text begins with, as `trace`, trace-cmd report and perf script
// print it, and its clock:
//
//     ksoftirqd/1-24      [001] ..s..    34.871320: map: IOMMU: iova=...
//             fio-150     [001]    9.421837: iommu:map: ...
//
// Comments (#), notes about lost events and trace-cmd's heading are no events. The clock counts
// from the first record; where it steps back it stands still instead.
#pragma once

#include <cstdint>
#include <string_view>

#include "trace/record.h"
#include "workloads/line_reader.h"
#include "workloads/text_fields.h"

namespace svasim::workloads {

/// True when one of the first lines is an event, or says which tracer wrote the text.
bool looks_like_ftrace(std::string_view start);

class ftrace_line {
 public:
  /// Stands behind "EVENT: ". False where the line is no event. Throws base::input_error at this
  /// line.
  bool read(std::string_view line, text_fields& f);
  /// Without the system that perf puts before it ("iommu:map" gives "map").
  std::string_view event() const { return m_event; }
  std::uint32_t pid() const { return m_pid; }
  /// The time of the line read last since the first record. The first call starts the clock.
  base::duration time();
  std::uint64_t steps_back() const { return m_steps_back; }

 private:
  void read_time(text_fields& f);

  std::string_view m_event;
  std::uint32_t m_pid = 0;
  std::uint64_t m_now = 0;    // ns, never steps back
  std::uint64_t m_start = 0;  // ns, of the first record
  bool m_started = false;
  std::uint64_t m_steps_back = 0;
};

}  // namespace svasim::workloads
