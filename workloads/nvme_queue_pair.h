// The memory that an NVMe controller touches for the commands of one queue pair (NVMe base
// specification 4.1, 4.2, 4.3): it fetches the 64-byte submission entry, a PRP list where the
// command has more than two pages, reads or writes the data page by page, and writes the 16-byte
// completion entry. Traces of block devices hold no addresses, so all of them are made up:
//
//   base            submission queue, completion queue, a page of PRP list for each entry, buffers
//
// The slot of a command is the next of the ring; its buffer the next pages of the pool, round and
// round. Leaves out: doorbells and shadow doorbells, interrupts, SGLs, metadata, admin commands.
#pragma once

#include <algorithm>
#include <cstdint>

#include "trace/record.h"
#include "workloads/record_runs.h"

namespace svasim::workloads {

struct nvme_layout {
  std::uint64_t base = std::uint64_t{4} << 30;  ///< a multiple of 4 KiB
  std::uint32_t entries = 1024;                 ///< of each queue, at least 1
  std::uint64_t pool = 32 << 20;                ///< bytes of buffers, at least max_transfer
  std::uint64_t max_transfer = 512 << 10;       ///< of a command (MDTS); a multiple of 4 KiB

  std::uint64_t completions() const { return base + round_up(std::uint64_t{entries} * 64); }
  std::uint64_t lists() const { return completions() + round_up(std::uint64_t{entries} * 16); }
  std::uint64_t buffers() const { return lists() + std::uint64_t{entries} * page; }
  /// Bytes from `base` to the end of the buffers.
  std::uint64_t span() const { return buffers() - base + round_up(pool); }

  static constexpr std::uint64_t page = 4096;
  static constexpr std::uint64_t round_up(std::uint64_t n) { return (n + page - 1) / page * page; }
};

class nvme_queue_pair {
 public:
  enum class operation : std::uint8_t { read, write, no_data };
  struct command {
    operation op = operation::no_data;
    std::uint64_t buffer = 0;
    std::uint64_t bytes = 0;
  };

  explicit nvme_queue_pair(const nvme_layout& layout) : m_layout(layout) {}

  /// The controller takes a command of `bytes` (1 to max_transfer; 0 with no_data) at the time and
  /// of the stream of `like`: submission entry, PRP list, and the data of a write.
  command issue(operation op, std::uint64_t bytes, const trace::record& like, record_runs& to);
  /// It is done: the data of a read, completion entry.
  void complete(const command& c, const trace::record& like, record_runs& to);

 private:
  void add(trace::record like, std::uint64_t address, std::uint64_t bytes, bool write,
           record_runs& to) const;

  nvme_layout m_layout;
  std::uint32_t m_submission = 0;
  std::uint32_t m_completion = 0;
  std::uint64_t m_pool_at = 0;
};

/// `issue(part)` for each command that a transfer of `bytes` takes.
template <class F>
void split_transfer(const nvme_layout& layout, std::uint64_t bytes, F issue) {
  do {
    const std::uint64_t part = std::min(bytes, layout.max_transfer);
    issue(part);
    bytes -= part;
  } while (bytes != 0);
}

}  // namespace svasim::workloads
