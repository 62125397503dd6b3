#include "workloads/qemu_envelope.h"

#include <algorithm>

#include "base/units.h"

namespace svasim::workloads {
namespace {

// Seconds below this keep microseconds in 64 bits; longest time in ps that fits 64 bits, in us.
constexpr std::uint64_t max_seconds = 1000000000000;
constexpr std::uint64_t max_elapsed = 18000000000000;

// Digits at `at`, or npos-like failure as the same position.
std::size_t skip_digits(std::string_view line, std::size_t at) {
  while (at < line.size() && line[at] >= '0' && line[at] <= '9') ++at;
  return at;
}

}  // namespace

bool looks_like_qemu_log(std::string_view line) {
  const std::size_t at = skip_digits(line, 0);
  const std::size_t dot = skip_digits(line, at + 1);
  return at != 0 && at < line.size() && line[at] == '@' && dot < line.size() && line[dot] == '.' &&
         dot > at + 1;
}

std::string_view qemu_envelope::read(text_fields& f) {
  const std::string_view line = f.rest();
  const std::size_t at = skip_digits(line, 0);
  const std::size_t dot = skip_digits(line, at + 1);
  const std::size_t colon = skip_digits(line, dot + 1);
  const bool good = at != 0 && dot > at + 1 && colon == dot + 7 && colon < line.size() &&
                    line[at] == '@' && line[dot] == '.' && line[colon] == ':';
  if (!good) f.fail("expected THREAD@SECONDS.MICROSECONDS:EVENT, not " + quoted(line));
  f.find("@");
  const std::uint64_t seconds = f.number(max_seconds);
  f.find(".");
  const std::uint64_t now = seconds * 1000000 + f.number();
  if (m_started && now > m_start && now - m_start > max_elapsed) {
    m_lines.fail(1, "the time is more than 200 days after the first record");
  }
  m_steps_back += now < m_now ? 1 : 0;
  m_now = std::max(m_now, now);
  f.find(":");
  const std::string_view event = f.word(' ');
  if (event.empty()) f.fail("expected an event's name behind the time");
  return event;
}

void qemu_envelope::stamp(trace::record& r, bool starts) {
  if (!m_started && starts) {
    m_started = true;
    m_start = m_now;
  }
  r.time = base::us(m_started ? m_now - m_start : 0);
}

}  // namespace svasim::workloads
