// Rides along a run (--check): every translated DMA is compared, before it leaves the TBU, with an
// independent functional walk of the tables as they stand in memory. A translation that the tables
// no longer give, or one to a page its stream may not reach, ends the run with what led to it.
//
// The replay holds accesses back while an invalidation of their page is under way, so there is no
// moment in which an old translation is still legal.
#pragma once

#include <array>
#include <string>

#include "arch/translate.h"
#include "base/sparse_memory.h"

namespace svasim::platforms {

/// A breach of isolation: exit code 1, the message has the history.
class isolation_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class isolation_checker {
 public:
  /// Both must outlive it.
  isolation_checker(const arch::register_view& regs, const base::sparse_memory& memory);
  /// Throws isolation_error where the tables do not give `output` for this access.
  void check(const arch::access_request& access, base::pa output);
  /// For the history of a message.
  void note_invalidation(const std::string& what);
  std::uint64_t checked() const { return m_checked; }

 private:
  [[noreturn]] void report(const arch::access_request& access, base::pa output,
                           const arch::translation_result& expected) const;

  const arch::register_view& m_regs;
  const base::sparse_memory& m_memory;
  std::uint64_t m_checked = 0;
  std::array<std::string, 8> m_history;
  std::size_t m_events = 0;
};

}  // namespace svasim::platforms
