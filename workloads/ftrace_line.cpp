#include "workloads/ftrace_line.h"

#include <algorithm>

namespace svasim::workloads {
namespace {

// Longest time in ps that fits 64 bits, in ns; seconds below the other keep ns in 64 bits.
constexpr std::uint64_t max_elapsed = 18000000000000000;
constexpr std::uint64_t max_seconds = 10000000000;
constexpr std::uint64_t max_pid = 0xffffffff;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool begins_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

// The digits that end at `end`; empty where there are none.
std::string_view digits_before(std::string_view line, std::size_t end) {
  std::size_t begin = end;
  while (begin > 0 && is_digit(line[begin - 1])) --begin;
  return line.substr(begin, end - begin);
}

// "TASK-PID", or "TASK-PID (TGID)", before the CPU.
std::string_view pid_of(std::string_view task) {
  std::size_t end = task.find_last_not_of(' ') + 1;
  if (end != 0 && task[end - 1] == ')') {
    const std::size_t open = task.rfind('(', end - 1);
    if (open == std::string_view::npos) return {};
    end = open == 0 ? 0 : task.find_last_not_of(' ', open - 1) + 1;
  }
  const std::string_view pid = digits_before(task, end);
  const std::size_t before = end - pid.size();
  return before != 0 && (task[before - 1] == '-' || task[before - 1] == ' ') ? pid
                                                                             : std::string_view();
}

// Where "[CPU]" begins, behind a task's PID; npos without.
std::size_t find_cpu(std::string_view line) {
  for (std::size_t at = line.find('['); at != std::string_view::npos; at = line.find('[', at + 1)) {
    const std::size_t end = line.find_first_not_of("0123456789", at + 1);
    const bool number = end != std::string_view::npos && end > at + 1 && line[end] == ']';
    if (number && !pid_of(line.substr(0, at)).empty()) return at;
  }
  return std::string_view::npos;
}

// The first word from `at` on that ends with a colon, as [begin, end); end is that of the colon.
bool find_colon_word(std::string_view line, std::size_t at, std::size_t& begin, std::size_t& end) {
  while (at < line.size()) {
    begin = line.find_first_not_of(' ', at);
    if (begin == std::string_view::npos) return false;
    end = std::min(line.find(' ', begin), line.size());
    if (line[end - 1] == ':') {
      --end;
      return end > begin;
    }
    at = end;
  }
  return false;
}

bool is_no_event(std::string_view line) {
  if (line.empty() || line.front() == '#') return true;
  if (begins_with(line, "CPU:") && line.find("LOST") != std::string_view::npos) return true;
  return begins_with(line, "cpus=") || begins_with(line, "version = ") ||
         begins_with(line, "CPU ");  // trace-cmd: "CPU 0 is empty"
}

bool is_time(std::string_view text) {
  const std::size_t dot = text.find('.');
  const std::size_t fraction = dot == std::string_view::npos ? 0 : text.size() - dot - 1;
  return dot != 0 && (fraction == 6 || fraction == 9) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || c == '.'; }) &&
         text.find('.', dot + 1) == std::string_view::npos;
}

struct parts {
  std::string_view pid;
  std::size_t time = 0;  // where it begins
  std::size_t time_end = 0;
  std::size_t event = 0;
  std::size_t event_end = 0;
};

bool split(std::string_view line, parts& out) {
  const std::size_t cpu = find_cpu(line);
  if (cpu == std::string_view::npos) return false;
  out.pid = pid_of(line.substr(0, cpu));
  return find_colon_word(line, line.find(']', cpu) + 1, out.time, out.time_end) &&
         find_colon_word(line, out.time_end + 1, out.event, out.event_end) &&
         line.find_first_not_of(' ', out.time_end + 1) == out.event;
}

}  // namespace

bool looks_like_ftrace(std::string_view start) {
  if (begins_with(start, "# tracer:")) return true;
  for (unsigned lines = 0; lines < 4 && !start.empty(); ++lines) {
    const std::size_t end = std::min(start.find('\n'), start.size());
    parts p;
    const std::string_view line = start.substr(0, end);
    if (split(line, p) && is_time(line.substr(p.time, p.time_end - p.time))) return true;
    start = start.substr(std::min(end + 1, start.size()));
  }
  return false;
}

bool ftrace_line::read(std::string_view line, text_fields& f) {
  if (is_no_event(line)) return false;
  parts p;
  if (!split(line, p)) {
    f.fail("expected TASK-PID [CPU] FLAGS SECONDS.MICROSECONDS: EVENT: FIELDS, not " +
           quoted(line));
  }
  f.go_to(p.time);
  if (!is_time(line.substr(p.time, p.time_end - p.time))) {
    f.fail("expected SECONDS.MICROSECONDS, not " +
           quoted(line.substr(p.time, p.time_end - p.time)) +
           " (trace_clock mono, boot, local or global counts seconds)");
  }
  read_time(f);
  f.go_to(static_cast<std::size_t>(p.pid.data() - line.data()));
  m_pid = static_cast<std::uint32_t>(f.number(max_pid));
  m_event = line.substr(p.event, p.event_end - p.event);
  m_event.remove_prefix(m_event.rfind(':') + 1);
  f.go_to(std::min(p.event_end + 1, line.size()));
  return true;
}

void ftrace_line::read_time(text_fields& f) {
  const std::uint64_t seconds = f.number(max_seconds);
  f.take(".");
  const std::size_t at = f.position();
  std::uint64_t fraction = f.number();
  if (f.position() - at == 6) fraction *= 1000;
  const std::uint64_t now = seconds * 1000000000 + fraction;
  if (m_started && now > m_start && now - m_start > max_elapsed) {
    f.fail_at(0, "the time is more than 200 days after the first record");
  }
  m_steps_back += now < m_now ? 1 : 0;
  m_now = std::max(m_now, now);
}

base::duration ftrace_line::time() {
  if (!m_started) {
    m_started = true;
    m_start = m_now;
  }
  return base::ns(m_now - m_start);
}

}  // namespace svasim::workloads
