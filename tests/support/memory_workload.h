// Accesses and commands that a test writes down, as a trace in memory: a source for the replay.
//
//   memory_workload w;
//   w.stream(8, 1).region(8, 0x10000000, base::mib(2), 0x80000000);
//   w.read(0x10000000).write(0x10001000, 256);
//
// With regions and without commands the replay maps everything beforehand and looks after nothing;
// else it maps each page as its first access shows up.
#pragma once

#include <functional>
#include <vector>

#include "arch/command.h"
#include "trace/record.h"

namespace svasim::test {

class memory_workload {
 public:
  static constexpr std::uint32_t sid = 8;  ///< where an access names none

  memory_workload& stream(std::uint32_t sid, std::uint16_t asid);
  memory_workload& region(std::uint32_t sid, std::uint64_t iova, base::byte_size size,
                          std::uint64_t output);
  /// Page size of the regions; 4 KiB unless set.
  memory_workload& pages_of(base::byte_size size);

  memory_workload& read(std::uint64_t iova, std::uint32_t length = 64);
  memory_workload& write(std::uint64_t iova, std::uint32_t length = 64);
  memory_workload& command(const arch::command& c);
  /// TLBI_NH_VA of the page at `iova`.
  memory_workload& invalidate(std::uint16_t asid, std::uint64_t iova);
  memory_workload& sync();
  /// What the last record says besides.
  memory_workload& by(std::uint32_t sid);
  memory_workload& at(base::duration time);
  memory_workload& to(std::uint64_t output);

  const trace::summary& about() const { return m_about; }
  const std::vector<trace::record>& records() const { return m_records; }

 private:
  trace::record& add(trace::record_kind kind);
  memory_workload& access(bool write, std::uint64_t iova, std::uint32_t length);

  trace::summary m_about;
  std::vector<trace::record> m_records;
};

/// Reads a workload, which must outlive it, front to back.
class memory_source final : public trace::source {
 public:
  explicit memory_source(const memory_workload& from);
  bool next(trace::record& out) override;
  const trace::summary& about() const override { return m_from.about(); }

  /// Called before each record is handed out, and at the end; `after_access`: the one before was an
  /// access.
  std::function<void(bool after_access)> on_next;

 private:
  const memory_workload& m_from;
  std::size_t m_position = 0;
};

}  // namespace svasim::test
