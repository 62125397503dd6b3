// Reads the data accesses of a program in page form, one run of accesses to the same page a line:
//
//   W 1fff000 2         OP PAGE COUNT: OP is W if any of them stored, else R; PAGE is the address
//                       without its low 12 bits, hexadecimal
//
// A stream for a device that shares the program's address space. Each line becomes one access of
// StreamID 0 at the start of the page, with COUNT - 1 repeats. The form holds no sizes, so an
// access has 8 bytes, and no times: all are 0. Leaves out: SubstreamIDs, output addresses.
#pragma once

#include <string>
#include <string_view>

#include "trace/record.h"
#include "workloads/line_reader.h"

namespace svasim::workloads {

class page_runs {
 public:
  static constexpr const char* format = "page-runs";
  static constexpr std::uint32_t access_length = 8;
  struct options {};
  page_runs(const std::string& path, const options&, bool) : m_lines(path) {}

  /// Throws base::input_error with line and column where a line is none of this form.
  bool next(trace::record& out);
  static bool is_hint(const trace::record&) { return false; }
  void complete(trace::summary& s) const { s.lines = m_lines.number(); }
  const line_reader& lines() const { return m_lines; }

  /// True when `line` is one of this form.
  static bool looks_like(std::string_view line);

 private:
  line_reader m_lines;
};

}  // namespace svasim::workloads
