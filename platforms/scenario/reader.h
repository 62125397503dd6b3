// Reads scenarios one after the other from JSON Lines. The text is refused, with the place, where
// it is not what workloads/README.md describes; nothing in it can make the program use more than
// some hundred MiB.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "platforms/scenario/scenario.h"

namespace svasim::scenario {

class reader {
 public:
  /// Up to n plain bytes of the file, 0 at its end.
  using source = std::function<std::size_t(char*, std::size_t)>;

  static constexpr std::size_t max_line = std::size_t{16} << 20;
  /// 4 KiB pages that the memory and the mem_writes of one case may touch.
  static constexpr std::size_t max_pages = 65536;

  /// `file` is the name for messages.
  reader(std::string file, source bytes);

  /// The next case; blank lines are skipped. False at the end. Throws base::input_error.
  bool next(scenario& out);
  /// Of the case that next() gave last, from 1.
  std::uint64_t line() const { return m_line; }

 private:
  bool next_line(std::string& line);

  const std::string m_file;
  const source m_source;
  std::string m_buffer;
  std::size_t m_begin = 0;
  std::uint64_t m_line = 0;
};

}  // namespace svasim::scenario
