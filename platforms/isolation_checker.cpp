#include "platforms/isolation_checker.h"

#include <fmt/format.h>

#include "tlm/kit/time.h"

namespace svasim::platforms {

isolation_checker::isolation_checker(const arch::register_view& regs,
                                     const base::sparse_memory& memory)
    : m_regs(regs), m_memory(memory) {}

void isolation_checker::check(const arch::access_request& access, base::pa output) {
  ++m_checked;
  const arch::translation_result expected = arch::translate(
      m_regs,
      [this](const arch::fetch_request& f, std::uint64_t* words) {
        m_memory.read(f.address, words, f.size);
        return true;
      },
      access);
  if (expected.outcome == arch::outcome::ok && expected.output == output) return;
  report(access, output, expected);
}

void isolation_checker::note_invalidation(const std::string& what) {
  m_history[m_events++ % m_history.size()] =
      fmt::format("  at {} ps: {}\n", kit::now().value(), what);
}

void isolation_checker::report(const arch::access_request& access, base::pa output,
                               const arch::translation_result& expected) const {
  std::string text = fmt::format(
      "isolation: {} of IOVA {:#x} by StreamID {:#x} at {} ps went to {:#x}; the tables give {}",
      access.write ? "write" : "read", access.address, access.sid.value(), kit::now().value(),
      output.value(),
      expected.outcome == arch::outcome::ok ? fmt::format("{:#x}", expected.output.value())
                                            : std::string(arch::name(expected.event.type)));
  text += m_events == 0 ? "\nno invalidation before it\n" : "\nlast invalidations:\n";
  for (std::size_t i = m_events > m_history.size() ? m_events - m_history.size() : 0; i < m_events;
       ++i) {
    text += m_history[i % m_history.size()];
  }
  throw isolation_error(text);
}

}  // namespace svasim::platforms
