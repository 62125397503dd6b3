// Reads the text of blkparse (its default format) as the memory accesses of NVMe controllers, one a
// device (nvme_queue_pair.h), with a queue pair for each CPU that issues:
//
//   259,0    3        1     0.000000000   697  D   R 223490 + 8 [fio]
//   259,0    3        2     0.000081210     0  C   R 223490 + 8 [0]
//
// D issues a command: submission entry, PRP list, the data of a write. The C with the same device
// and sector completes it: the data of a read, completion entry. A C without its D is skipped; a D
// without C never completes. More than max_transfer bytes are several commands. Discards and
// flushes have no data. All other actions, messages and the summary at the end are skipped.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "trace/record.h"
#include "workloads/fio_iolog.h"
#include "workloads/line_reader.h"
#include "workloads/nvme_queue_pair.h"
#include "workloads/text_fields.h"

namespace svasim::workloads {

class blkparse_text {
 public:
  static constexpr const char* format = "blkparse";
  static constexpr unsigned max_queues = 64;       ///< of a device; more CPUs share them
  static constexpr std::size_t max_devices = 256;  ///< a text with more is refused
  /// Requests without completion; beyond it the oldest completes.
  static constexpr std::size_t max_under_way = 1 << 16;
  using options = nvme_defaults;  ///< `sid` is that of the first device; the others count up
  blkparse_text(const std::string& path, const options& defaults, bool);
  blkparse_text(const blkparse_text&) = delete;
  blkparse_text& operator=(const blkparse_text&) = delete;

  /// Throws base::input_error with line and column.
  bool next(trace::record& out);
  static bool is_hint(const trace::record&) { return false; }
  /// After the last record. Throws base::input_error when no request was issued.
  void complete(trace::summary& s) const;
  const line_reader& lines() const { return m_lines; }

  /// True when `line` begins as the lines of such a text do.
  static bool looks_like(std::string_view line);

 private:
  using request_key = std::pair<std::uint32_t, std::uint64_t>;  // device, sector
  struct heading {
    std::uint32_t device = 0;
    std::uint32_t cpu = 0;
    std::uint64_t time = 0;  // ns
    std::string_view action;
    std::string_view rwbs;
  };
  struct request {
    std::uint64_t order = 0;
    trace::record like;
    nvme_queue_pair* queue = nullptr;
    std::vector<nvme_queue_pair::command> commands;
  };
  heading read_heading(text_fields& f) const;
  void issue(const heading& h, std::uint64_t sector, std::uint64_t bytes);
  void finish(const request_key& key);
  std::uint32_t sid_of(std::uint32_t device);
  nvme_queue_pair& queue_of(std::uint32_t sid, std::uint32_t cpu);
  void stamp(std::uint64_t time);
  base::duration now() const { return base::ns(m_now - m_start); }

  line_reader m_lines;
  options m_defaults;
  std::map<std::uint32_t, std::uint32_t> m_sids;                                // by device
  std::map<std::pair<std::uint32_t, std::uint32_t>, nvme_queue_pair> m_queues;  // by sid, queue
  std::map<request_key, request> m_under_way;
  std::map<std::uint64_t, request_key> m_order;  // of those under way, oldest first
  record_runs m_waiting;
  std::uint64_t m_issued = 0;
  std::uint64_t m_now = 0;    // ns, never steps back
  std::uint64_t m_start = 0;  // ns, of the first record
  bool m_started = false;
  bool m_in_summary = false;
  std::uint64_t m_steps_back = 0;
};

}  // namespace svasim::workloads
