// Reads what valgrind --tool=lackey --trace-mem=yes writes: the memory accesses of a program.
//
//   I  0010945e,4        instruction fetch: skipped
//    L 04a31000,4        load, S store, M both: ADDRESS,SIZE, the address hexadecimal
//   ==1234== ...         what valgrind says itself: skipped
//
// A stream for a device that shares the program's address space. Each L, S and M becomes one access
// of StreamID 0, an M a write. There are no times: all are 0. Leaves out: SubstreamIDs, output
// addresses.
#pragma once

#include <string>
#include <string_view>

#include "trace/record.h"
#include "workloads/line_reader.h"

namespace svasim::workloads {

class lackey_log {
 public:
  static constexpr const char* format = "lackey";
  struct options {};
  lackey_log(const std::string& path, const options&, bool) : m_lines(path) {}

  /// Throws base::input_error with line and column where a line is none of this form.
  bool next(trace::record& out);
  static bool is_hint(const trace::record&) { return false; }
  void complete(trace::summary& s) const { s.lines = m_lines.number(); }
  const line_reader& lines() const { return m_lines; }

  /// True when a file that begins with `start` is such a log.
  static bool looks_like(std::string_view start);

 private:
  line_reader m_lines;
};

}  // namespace svasim::workloads
