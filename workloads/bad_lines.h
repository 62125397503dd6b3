// Reads a text trace over lines that are none of it, up to a number that the user allows.
#pragma once

#include <cstdint>
#include <vector>

#include "base/error.h"
#include "trace/record.h"

namespace svasim::workloads {

/// The lines that were passed over.
struct bad_lines {
  static constexpr std::size_t shown = 5;
  std::uint64_t count = 0;
  std::vector<base::problem> first;  ///< at most `shown`

  void add(const base::problem& p) {
    ++count;
    if (first.size() < shown) first.push_back(p);
  }
  /// Those of another file.
  void add(const bad_lines& more) {
    count += more.count;
    for (const base::problem& p : more.first) {
      if (first.size() < shown) first.push_back(p);
    }
  }
};

class bad_line_filter {
 public:
  explicit bad_line_filter(std::uint64_t allowed) : m_allowed(allowed) {}

  /// As reader.next(). A bad line more than allowed, and what is wrong with no single line (damaged
  /// compressed data), is thrown on.
  template <class Reader>
  bool next(Reader& reader, trace::record& out) {
    for (;;) {
      try {
        return reader.next(out);
      } catch (const base::input_error& e) {
        if (!pass_over(e.problems().front())) throw;
      }
    }
  }
  const bad_lines& seen() const { return m_seen; }

 private:
  bool pass_over(const base::problem& p) {
    if (p.line == 0 || m_seen.count == m_allowed) return false;
    m_seen.add(p);
    return true;
  }

  std::uint64_t m_allowed;
  bad_lines m_seen;
};

}  // namespace svasim::workloads
