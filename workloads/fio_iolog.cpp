#include "workloads/fio_iolog.h"

#include <fmt/format.h>

#include <algorithm>

namespace svasim::workloads {
namespace {

using operation = nvme_queue_pair::operation;

// Longest time in ps that fits 64 bits, in us.
constexpr std::uint64_t max_time = 18000000000000;
/// Of one line: more is damage, and would stand for too many accesses.
constexpr std::uint64_t max_length = std::uint64_t{1} << 30;
constexpr std::uint64_t least_wait = 100;  // fio discards shorter ones

void end_of_line(text_fields& f) {
  while (f.take(" ")) continue;
  if (!f.at_end()) f.fail("expected the end of the line, not " + quoted(f.rest()));
}

}  // namespace

fio_iolog::fio_iolog(const std::string& path, const options& defaults, bool)
    : m_lines(path), m_defaults(defaults), m_queue(defaults.layout) {
  std::string_view line;
  m_lines.next(line);
  text_fields f(m_lines, line);
  if (!f.take(magic)) f.fail("expected \"fio version 2 iolog\" or \"fio version 3 iolog\"");
  const std::size_t at = f.position();
  const std::uint64_t version = f.number();
  if (version != 2 && version != 3) {
    f.fail_at(at, fmt::format("version {} is not known, only versions 2 and 3", version));
  }
  m_stamped = version == 3;
}

bool fio_iolog::next(trace::record& out) {
  std::string_view line;
  while (!m_waiting.pop(out)) {
    if (!m_lines.next(line)) return false;
    if (line.empty()) continue;
    text_fields f(m_lines, line);
    read_line(f);
  }
  return true;
}

// "[TIME] FILE ACTION [OFFSET LENGTH]"
void fio_iolog::read_line(text_fields& f) {
  const std::uint64_t time_before = m_time;
  const std::uint64_t steps_before = m_steps_back;
  try {
    if (m_stamped) read_time(f);
    if (f.word(' ').empty()) f.fail("expected the name of a file");
    if (!f.take(" ")) f.fail("expected a space and the action, not " + quoted(f.rest()));
    const std::size_t at = f.position();
    const std::string_view action = f.word(' ');
    if (action == "add" || action == "open" || action == "close") return end_of_line(f);
    if (action == "wait" && !m_stamped) return wait(f);
    if (action == "read" || action == "write" || action == "trim") return transfer(f, action);
    if (action == "sync" || action == "datasync") {
      f.number();
      f.number();
      end_of_line(f);
      return run(operation::no_data, 0);
    }
    f.fail_at(at,
              fmt::format("the action is add, open, close, read, write, sync, datasync, trim{}, "
                          "not {}",
                          m_stamped ? "" : " or wait", quoted(action)));
  } catch (...) {
    // A line that is passed over leaves no time behind.
    m_time = time_before;
    m_steps_back = steps_before;
    throw;
  }
}

void fio_iolog::read_time(text_fields& f) {
  const std::uint64_t time = f.number(max_time);
  if (!f.take(" ")) f.fail("expected a space and the file, not " + quoted(f.rest()));
  m_steps_back += time < m_time ? 1 : 0;
  m_time = std::max(m_time, time);
}

void fio_iolog::transfer(text_fields& f, std::string_view action) {
  f.number();
  const std::size_t at = f.position() + 1;
  const std::uint64_t length = f.number(max_length);
  if (length == 0) f.fail_at(at, "a transfer of no bytes");
  end_of_line(f);
  if (action == "trim") return run(operation::no_data, 0);
  run(action == "read" ? operation::read : operation::write, length);
}

// "wait US 0": since the action before.
void fio_iolog::wait(text_fields& f) {
  const std::size_t at = f.position() + 1;
  const std::uint64_t time = f.number(max_time);
  f.number();
  end_of_line(f);
  if (time < least_wait) return;
  if (time > max_time - m_time) f.fail_at(at, "the time is more than 200 days after the start");
  m_time += time;
}

void fio_iolog::run(operation op, std::uint64_t bytes) {
  trace::record like;
  like.sid = base::stream_id(m_defaults.sid);
  like.line = m_lines.number();
  if (!m_started) {
    m_started = true;
    m_start = m_time;
  }
  like.time = base::us(m_time - m_start);
  split_transfer(m_defaults.layout, bytes, [&](std::uint64_t part) {
    m_queue.complete(m_queue.issue(op, part, like, m_waiting), like, m_waiting);
  });
}

}  // namespace svasim::workloads
