// What every line of a QEMU log begins with (-msg timestamp=on), and the clock of the log:
//
//   25597@1795368194.293678:smmuv3_translate_success ...
//
// The clock counts from the first record. Where it steps back it stands still instead.
#pragma once

#include <cstdint>
#include <string_view>

#include "trace/record.h"
#include "workloads/line_reader.h"
#include "workloads/text_fields.h"

namespace svasim::workloads {

/// True when `line` begins as the lines of such a log do.
bool looks_like_qemu_log(std::string_view line);

class qemu_envelope {
 public:
  /// Keeps `lines`, which must outlive it.
  explicit qemu_envelope(const line_reader& lines) : m_lines(lines) {}

  /// Gives the name of the event and stands behind it. Throws base::input_error at this line, also
  /// where its time does not fit a trace.
  std::string_view read(text_fields& f);
  /// The time of the line read last. Before the first record of the trace (`starts` false until
  /// then) it is 0.
  void stamp(trace::record& r, bool starts = true);
  /// Lines with a time before that of the line before.
  std::uint64_t steps_back() const { return m_steps_back; }

 private:
  const line_reader& m_lines;
  std::uint64_t m_now = 0;    // us, never steps back
  std::uint64_t m_start = 0;  // us, of the first record
  bool m_started = false;
  std::uint64_t m_steps_back = 0;
};

}  // namespace svasim::workloads
