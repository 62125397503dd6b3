#include "app/sweep_progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "base/error.h"

namespace svasim::app {
namespace {

std::string duration_text(double seconds) {
  const auto s = static_cast<unsigned long long>(seconds + 0.5);
  if (s < 120) return fmt::format("{} s", s);
  if (s < 7200) return fmt::format("{} min", (s + 30) / 60);
  return fmt::format("{} h", (s + 1800) / 3600);
}

}  // namespace

sweep_progress::sweep_progress(std::size_t total, std::size_t before, bool quiet)
    : m_total(total),
      m_before(before),
      m_done(before),
      m_quiet(quiet),
      m_terminal(::isatty(STDERR_FILENO) != 0),
      m_start(clock::now()),
      m_next(m_start + std::chrono::milliseconds(m_terminal ? 500 : 10000)) {}

void sweep_progress::clear() {
  if (m_shown) fmt::print(stderr, "\r\x1b[K");
  m_shown = false;
}

void sweep_progress::failed(const std::string& label, const std::string& why) {
  ++m_failed;
  clear();
  fmt::print(stderr, "svasim: failed: {}: {}\n", base::printable(label), why);
}

void sweep_progress::tick() {
  const clock::time_point now = clock::now();
  if (m_quiet || now < m_next) return;
  m_next = now + std::chrono::milliseconds(m_terminal ? 500 : 10000);
  std::string text = fmt::format("{} of {} points", m_done, m_total);
  if (m_failed != 0) text += fmt::format(", {} failed", m_failed);
  const std::size_t finished = m_done - m_before + m_failed;
  if (finished != 0) {
    const double seconds = std::chrono::duration<double>(now - m_start).count();
    const auto left = static_cast<double>(m_total - m_done - m_failed);
    text += fmt::format(", {} left", duration_text(seconds * left / static_cast<double>(finished)));
  }
  fmt::print(stderr, m_terminal ? "\r\x1b[K{}" : "svasim: {}\n", text);
  std::fflush(stderr);
  m_shown = m_terminal;
}

}  // namespace svasim::app
