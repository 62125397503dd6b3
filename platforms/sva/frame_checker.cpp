#include "platforms/sva/frame_checker.h"

#include <fmt/format.h>

#include "tlm/kit/time.h"

namespace svasim::platforms {
namespace {
constexpr unsigned page_shift = 12;
}

void frame_checker::note(const char* what, std::uint64_t frame, const owner& o) {
  m_history[m_events++ % m_history.size()] =
      fmt::format("  at {} ps: frame {:#x} of PASID {:#x}, address {:#x}, {}\n", kit::now().value(),
                  frame << page_shift, o.pasid, o.page << page_shift, what);
}

void frame_checker::mapped(std::uint32_t pasid, std::uint64_t address, std::uint64_t frame,
                           bool writable) {
  m_owners[frame >> page_shift] = {pasid, address >> page_shift, writable};
}

void frame_checker::released(std::uint64_t frame) {
  const auto it = m_owners.find(frame >> page_shift);
  if (it == m_owners.end()) return;
  note("released", it->first, it->second);
  m_owners.erase(it);
}

void frame_checker::made_read_only(std::uint64_t frame) {
  const auto it = m_owners.find(frame >> page_shift);
  if (it == m_owners.end()) return;
  it.value().writable = false;
  note("made read-only", it->first, it->second);
}

void frame_checker::check(std::uint32_t pasid, std::uint64_t address, std::uint64_t output,
                          bool write) {
  ++m_checked;
  const auto it = m_owners.find(output >> page_shift);
  const char* wrong = nullptr;
  if (it == m_owners.end()) {
    wrong = "which nobody has";
  } else if ((pasid != 0 && it->second.pasid != pasid) ||
             it->second.page != address >> page_shift) {
    wrong = "which belongs elsewhere";
  } else if (write && !it->second.writable) {
    wrong = "which is read-only";
  }
  if (wrong == nullptr) return;
  std::string text =
      fmt::format("isolation: {} of address {:#x} by PASID {:#x} at {} ps went to {:#x}, {}",
                  write ? "write" : "read", address, pasid, kit::now().value(), output, wrong);
  text += m_events == 0 ? "\nno page was given back before it\n" : "\nlast changes:\n";
  for (std::size_t i = m_events > m_history.size() ? m_events - m_history.size() : 0; i < m_events;
       ++i) {
    text += m_history[i % m_history.size()];
  }
  throw isolation_error(text);
}

}  // namespace svasim::platforms
