// Reads an I/O log of fio (write_iolog=, HOWTO "Trace file format"), versions 2 and 3, as the
// memory accesses of an NVMe controller with one queue pair (nvme_queue_pair.h):
//
//   fio version 2 iolog            fio version 3 iolog
//   /dev/nvme0n1 add               0 /dev/nvme0n1 add
//   /dev/nvme0n1 read 4096 8192    120 /dev/nvme0n1 read 4096 8192
//   /dev/nvme0n1 wait 250 0
//
// A read or write becomes commands of at most max_transfer bytes, each complete before the next:
// the log has no completions. sync, datasync and trim become commands without data. Times are those
// of version 3, or the waits of version 2 added up, in us, since the first of them. Files are not
// told apart: they are of one device. Leaves out: version 1 (it has no heading), what else happens
// on the controller.
#pragma once

#include <string>
#include <string_view>

#include "trace/record.h"
#include "workloads/line_reader.h"
#include "workloads/nvme_queue_pair.h"
#include "workloads/text_fields.h"

namespace svasim::workloads {

struct nvme_defaults {
  std::uint32_t sid = 0x8;  ///< 00:01.0
  nvme_layout layout;
};

class fio_iolog {
 public:
  static constexpr const char* format = "fio-iolog";
  static constexpr std::string_view magic = "fio version ";
  using options = nvme_defaults;
  /// Throws base::input_error when the first line is not that of version 2 or 3.
  fio_iolog(const std::string& path, const options& defaults, bool);
  fio_iolog(const fio_iolog&) = delete;
  fio_iolog& operator=(const fio_iolog&) = delete;

  /// Throws base::input_error with line and column.
  bool next(trace::record& out);
  static bool is_hint(const trace::record&) { return false; }
  void complete(trace::summary& s) const {
    s.lines = m_lines.number();
    s.clock_steps_back = m_steps_back;
  }
  const line_reader& lines() const { return m_lines; }

 private:
  void read_line(text_fields& f);
  void read_time(text_fields& f);
  void transfer(text_fields& f, std::string_view action);
  void wait(text_fields& f);
  void run(nvme_queue_pair::operation op, std::uint64_t bytes);

  line_reader m_lines;
  options m_defaults;
  nvme_queue_pair m_queue;
  record_runs m_waiting;
  bool m_stamped = false;     // version 3: each line has its time
  std::uint64_t m_time = 0;   // us, never steps back
  std::uint64_t m_start = 0;  // us, of the first command
  bool m_started = false;
  std::uint64_t m_steps_back = 0;
};

}  // namespace svasim::workloads
