// One line on stderr while a run goes on: share done, rate, time left. On a terminal it is
// rewritten twice a second; elsewhere a plain line every ten seconds.
#pragma once

#include <chrono>
#include <cstdint>

namespace svasim::app {

class progress {
 public:
  /// `total` things to do; 0 when not known.
  progress(std::uint64_t total, bool quiet);
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;
  ~progress() { finish(); }  // so that an error message has a line of its own
  /// `done` so far. Cheap: looks at the clock and seldom prints.
  void update(std::uint64_t done);
  /// Clear the line.
  void finish();

 private:
  using clock = std::chrono::steady_clock;
  std::uint64_t m_total;
  bool m_quiet;
  bool m_terminal;
  bool m_shown = false;
  clock::time_point m_start;
  clock::time_point m_next;
};

}  // namespace svasim::app
