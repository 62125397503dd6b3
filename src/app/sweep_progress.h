// How far a sweep is, on stderr: points done, failures, time left. On a terminal one line that is
// rewritten twice a second; elsewhere a line every ten seconds. Every failure gets a line.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace svasim::app {

class sweep_progress {
 public:
  /// `total` points, `before` of which were done before this began.
  sweep_progress(std::size_t total, std::size_t before, bool quiet);
  sweep_progress(const sweep_progress&) = delete;
  sweep_progress& operator=(const sweep_progress&) = delete;
  ~sweep_progress() { clear(); }

  void done() { ++m_done; }
  /// Told even when quiet.
  void failed(const std::string& label, const std::string& why);
  /// Where some points are done elsewhere: how many there are now.
  void set_done(std::size_t done) { m_done = done; }
  void tick();

 private:
  using clock = std::chrono::steady_clock;
  void clear();

  std::size_t m_total, m_before, m_done;
  std::size_t m_failed = 0;
  bool m_quiet, m_terminal;
  bool m_shown = false;
  clock::time_point m_start, m_next;
};

}  // namespace svasim::app
