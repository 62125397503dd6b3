#include "app/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace svasim::app {

progress::progress(std::uint64_t total, bool quiet)
    : m_total(total),
      m_quiet(quiet),
      m_terminal(::isatty(STDERR_FILENO) != 0),
      m_start(clock::now()),
      m_next(m_start + std::chrono::milliseconds(m_terminal ? 500 : 10000)) {}

void progress::update(std::uint64_t done) {
  const clock::time_point now = clock::now();
  if (m_quiet || now < m_next) return;
  m_next = now + std::chrono::milliseconds(m_terminal ? 500 : 10000);
  const double seconds = std::chrono::duration<double>(now - m_start).count();
  const double rate = static_cast<double>(done) / seconds;
  std::string text = fmt::format("{} requests, {:.2f} M/s", done, rate / 1e6);
  if (m_total > done) {
    text = fmt::format("{:.0f} % of {}, {:.2f} M/s, {:.0f} s left",
                       100.0 * static_cast<double>(done) / static_cast<double>(m_total), m_total,
                       rate / 1e6, static_cast<double>(m_total - done) / rate);
  }
  fmt::print(stderr, m_terminal ? "\r\x1b[K{}" : "svasim: {}\n", text);
  std::fflush(stderr);
  m_shown = m_terminal;
}

void progress::finish() {
  if (m_shown) fmt::print(stderr, "\r\x1b[K");
  m_shown = false;
}

}  // namespace svasim::app
