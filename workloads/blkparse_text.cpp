#include "workloads/blkparse_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace svasim::workloads {
namespace {

using operation = nvme_queue_pair::operation;

constexpr std::uint64_t sector_size = 512;
/// Of one request: more is damage, and would stand for too many accesses.
constexpr std::uint64_t max_sectors = (std::uint64_t{1} << 30) / sector_size;
constexpr std::uint64_t max_seconds = 10000000000;
// Longest time in ps that fits 64 bits, in ns.
constexpr std::uint64_t max_elapsed = 18000000000000000;
constexpr unsigned minor_bits = 20;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

operation operation_of(std::string_view rwbs) {
  if (rwbs.size() > 1 && rwbs.front() == 'F') rwbs.remove_prefix(1);  // a flush goes before
  if (rwbs.find('D') != std::string_view::npos) return operation::no_data;
  if (rwbs.front() == 'R') return operation::read;
  return rwbs.front() == 'W' ? operation::write : operation::no_data;
}

std::string_view next_word(text_fields& f, const char* what) {
  while (f.take(" ")) continue;
  const std::string_view word = f.word(' ');
  if (word.empty()) f.fail(fmt::format("the line ends before the {}", what));
  return word;
}

// What is printed behind the requests: "CPU0 (8,0):" and "Total (8,0):" with counts.
bool begins_summary(std::string_view line) {
  return line.substr(0, 3) == "CPU" || line.substr(0, 7) == "Total (";
}

}  // namespace

bool blkparse_text::looks_like(std::string_view line) {
  std::size_t at = line.find_first_not_of(' ');
  // MAJOR,MINOR CPU SEQUENCE SECONDS.NANOSECONDS
  for (const char end : {',', ' ', ' ', ' ', '.'}) {
    if (at == std::string_view::npos) return false;
    const std::size_t digits = at;
    while (at < line.size() && is_digit(line[at])) ++at;
    if (at == digits || at == line.size() || line[at] != end) return false;
    at = line.find_first_not_of(' ', at + (end == ' ' ? 0 : 1));
  }
  return at != std::string_view::npos && line.find_first_not_of("0123456789", at) == at + 9;
}

blkparse_text::blkparse_text(const std::string& path, const options& defaults, bool)
    : m_lines(path), m_defaults(defaults) {}

bool blkparse_text::next(trace::record& out) {
  std::string_view line;
  while (!m_waiting.pop(out)) {
    if (!m_lines.next(line)) return false;
    m_in_summary = m_in_summary || begins_summary(line);
    if (m_in_summary || line.empty()) continue;
    text_fields f(m_lines, line);
    const heading h = read_heading(f);
    if (h.action != "D" && h.action != "C") continue;
    const bool sized = f.rest().find(" + ") != std::string_view::npos;
    std::uint64_t sector = 0;
    std::uint64_t sectors = 0;
    if (sized) {
      sector = f.number();
      f.need(" + ");
      sectors = f.number(max_sectors);
    }
    stamp(h.time);
    if (h.action == "D") {
      issue(h, sector, sectors * sector_size);
    } else {
      finish({h.device, sector});
    }
  }
  return true;
}

// "MAJOR,MINOR CPU SEQUENCE SECONDS.NANOSECONDS PID ACTION RWBS"
blkparse_text::heading blkparse_text::read_heading(text_fields& f) const {
  heading h;
  const auto major = static_cast<std::uint32_t>(f.number(0xfff));
  if (!f.take(",")) f.fail("expected MAJOR,MINOR, not " + quoted(f.rest()));
  h.device = major << minor_bits | static_cast<std::uint32_t>(f.number(0xfffff));
  h.cpu = static_cast<std::uint32_t>(f.number(0xffff));
  f.number();
  h.time = f.number(max_seconds) * 1000000000;
  if (!f.take(".")) f.fail("expected SECONDS.NANOSECONDS, not " + quoted(f.rest()));
  const std::size_t at = f.position();
  const std::uint64_t fraction = f.number();
  if (f.position() - at != 9) f.fail_at(at, "expected nine digits of nanoseconds");
  h.time += fraction;
  f.number(0xffffffff);
  h.action = next_word(f, "action");
  if (h.action == "D" || h.action == "C") h.rwbs = next_word(f, "letters of the request");
  if (m_started && h.time > m_start && h.time - m_start > max_elapsed) {
    f.fail_at(0, "the time is more than 200 days after the first record");
  }
  return h;
}

void blkparse_text::issue(const heading& h, std::uint64_t sector, std::uint64_t bytes) {
  const operation op = bytes == 0 ? operation::no_data : operation_of(h.rwbs);
  if (m_under_way.size() >= max_under_way) finish(request_key(m_order.begin()->second));
  finish({h.device, sector});  // its completion was lost
  request r;
  r.order = ++m_issued;
  r.like.sid = base::stream_id(sid_of(h.device));
  r.like.time = now();
  r.like.line = m_lines.number();
  r.queue = &queue_of(r.like.sid.value(), h.cpu);
  split_transfer(m_defaults.layout, op == operation::no_data ? 0 : bytes, [&](std::uint64_t part) {
    r.commands.push_back(r.queue->issue(op, part, r.like, m_waiting));
  });
  m_order.emplace(r.order, request_key{h.device, sector});
  m_under_way.emplace(request_key{h.device, sector}, std::move(r));
}

void blkparse_text::finish(const request_key& key) {
  const auto found = m_under_way.find(key);
  if (found == m_under_way.end()) return;
  request& r = found->second;
  r.like.time = now();
  r.like.line = m_lines.number();
  for (const auto& c : r.commands) r.queue->complete(c, r.like, m_waiting);
  m_order.erase(r.order);
  m_under_way.erase(found);
}

std::uint32_t blkparse_text::sid_of(std::uint32_t device) {
  const auto next = static_cast<std::uint32_t>(m_defaults.sid + m_sids.size());
  const auto [at, is_new] = m_sids.emplace(device, next);
  if (is_new && m_sids.size() > max_devices) m_lines.fail(1, "more than 256 devices");
  return at->second;
}

nvme_queue_pair& blkparse_text::queue_of(std::uint32_t sid, std::uint32_t cpu) {
  const std::uint32_t queue = cpu % max_queues;
  nvme_layout layout = m_defaults.layout;
  layout.base += queue * layout.span();
  return m_queues.emplace(std::make_pair(sid, queue), nvme_queue_pair(layout)).first->second;
}

void blkparse_text::stamp(std::uint64_t time) {
  if (!m_started) {
    m_started = true;
    m_start = m_now = time;
  }
  m_steps_back += time < m_now ? 1 : 0;
  m_now = std::max(m_now, time);
}

void blkparse_text::complete(trace::summary& s) const {
  s.lines = m_lines.number();
  s.clock_steps_back = m_steps_back;
  if (m_issued != 0) return;
  throw base::input_error(
      base::problem{m_lines.path(), 0, 0, "blkparse text without issued requests (action D)"});
}

}  // namespace svasim::workloads
