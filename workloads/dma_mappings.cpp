#include "workloads/dma_mappings.h"

#include <algorithm>

namespace svasim::workloads {
namespace {

using kind = ftrace_event::kind;

constexpr std::uint64_t page = 4096;
// Above it a mapping is no buffer of a command: VFIO maps all of a guest.
constexpr std::uint64_t max_buffer = std::uint64_t{1} << 30;
constexpr std::size_t most_of_a_command = 64;  // mappings

}  // namespace

void dma_mappings::add(const ftrace_event& e, std::uint32_t pid, text_fields& f) {
  if (e.what == kind::command) {
    if (m_command.size() == max_active) m_command.clear();
    m_command[pid] = e.direction;
    return;
  }
  if (e.what == kind::request) return tell_made(e.direction, pid);
  for (const dma_segment& s : e.segments) {
    e.what == kind::map ? map(s, pid, f) : tell(e, s, pid, f);
  }
}

// Of a block request, which is told behind its mappings.
void dma_mappings::tell_made(dma_direction direction, std::uint32_t pid) {
  m_command.erase(pid);
  const auto made = m_new.find(pid);
  if (made == m_new.end()) return;
  for (const std::uint64_t first : made->second) {
    const auto m = m_active.find(first);
    if (m == m_active.end() || m->second.direction != dma_direction::unknown) continue;
    if (m->second.last - m->second.first < max_buffer) m->second.direction = direction;
  }
}

bool dma_mappings::waits_for_more(std::uint32_t pid) const {
  const auto made = m_new.find(pid);
  return made == m_new.end() || made->second.size() < most_of_a_command;
}

void dma_mappings::map(const dma_segment& s, std::uint32_t pid, text_fields& f) {
  remove(s.address, s.address + (s.size - 1));
  if (m_active.size() >= max_active || m_new_count >= max_active) {
    f.fail_at(0, "more than 1048576 mappings at a time");
  }
  dma_mapping m;
  m.first = m.dma_first = s.address;
  m.last = m.dma_last = s.address + (s.size - 1);
  m.output = s.output;
  m.has_output = s.has_output;
  m.pid = pid;
  const auto command = m_command.find(pid);
  if (command != m_command.end() && s.size <= max_buffer) m.direction = command->second;
  m_active[m.first] = m;
  m_new[pid].push_back(m.first);
  ++m_new_count;
}

// A dma event of the bytes `s`.
void dma_mappings::tell(const ftrace_event& e, const dma_segment& s, std::uint32_t pid,
                        text_fields& f) {
  if (m_iommu_events && find(s.address) == nullptr) return;  // mapped before the text began
  if (!m_iommu_events) {
    dma_segment whole = s;
    whole.address -= s.address % page;
    whole.output -= s.output % page;
    whole.size = s.size + s.address % page;
    whole.size += (page - whole.size % page) % page;
    if (whole.address + (whole.size - 1) < whole.address) return;
    map(whole, pid, f);
  }
  dma_mapping& m = holder(s.address)->second;
  m.dma_first = s.address;
  m.dma_last = std::min(m.last, s.address + (s.size - 1));
  m.direction = e.direction;
  m.sid = e.sid;
  m.has_sid = true;
}

std::vector<dma_mapping> dma_mappings::started_by(std::uint32_t pid) {
  std::vector<dma_mapping> out;
  const auto made = m_new.find(pid);
  if (made == m_new.end()) return out;
  for (const std::uint64_t first : made->second) {
    const auto m = m_active.find(first);
    if (m == m_active.end() || m->second.started || m->second.pid != pid) continue;
    m->second.started = true;
    out.push_back(m->second);
  }
  m_new_count -= made->second.size();
  m_new.erase(made);
  return out;
}

std::vector<dma_mapping> dma_mappings::remove(std::uint64_t first, std::uint64_t last) {
  std::vector<dma_mapping> out;
  auto at = holder(first);
  if (at == m_active.end()) at = m_active.lower_bound(first);
  while (at != m_active.end() && at->second.first <= last) {
    const dma_mapping whole = at->second;
    at = m_active.erase(at);
    const auto part = [&](std::uint64_t from, std::uint64_t to) {
      dma_mapping p = whole;
      p.first = from;
      p.last = to;
      p.output += from - whole.first;
      p.dma_first = std::max(p.dma_first, from);
      p.dma_last = std::min(p.dma_last, to);
      return p;
    };
    out.push_back(part(std::max(first, whole.first), std::min(last, whole.last)));
    if (whole.first < first) m_active[whole.first] = part(whole.first, first - 1);
    if (whole.last > last) {
      m_active[last + 1] = part(last + 1, whole.last);
      break;
    }
  }
  return out;
}

const dma_mapping* dma_mappings::find(std::uint64_t address) const {
  auto at = m_active.upper_bound(address);
  if (at == m_active.begin()) return nullptr;
  --at;
  return address <= at->second.last ? &at->second : nullptr;
}

dma_mappings::by_address::iterator dma_mappings::holder(std::uint64_t address) {
  auto at = m_active.upper_bound(address);
  if (at == m_active.begin()) return m_active.end();
  --at;
  return address <= at->second.last ? at : m_active.end();
}

}  // namespace svasim::workloads
