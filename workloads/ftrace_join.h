// Joins the ftrace text of a run with the QEMU log of the same run: the log has what the device
// did and when, the text how long each DMA was and which way it went. The clocks of the two differ
// and are not compared. An access of the log belongs to the next mapping of its page in the text
// that leads to the same output and permits it; a mapping that was accessed and then invalidated by
// address is over. What an access then takes from the mapping: the direction, and the length up to
// the end of the DMA or of the page. Accesses outside any DMA (rings, doorbells) stay as they are.
//
// Memory grows with the number of pages mapped in the text, up to max_mapped_pages.
#pragma once

#include <tsl/robin_map.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "trace/record.h"
#include "workloads/bad_lines.h"
#include "workloads/ftrace_event.h"

namespace svasim::workloads {

/// One page of one mapping.
struct mapped_page {
  std::uint64_t output = 0;  ///< of the page; unknown_output where the text began later
  std::uint64_t dma_first = 0;
  std::uint64_t dma_last = 0;
  dma_direction direction = dma_direction::unknown;
};

class ftrace_index {
 public:
  static constexpr std::uint64_t unknown_output = ~std::uint64_t{0};
  static constexpr std::size_t max_mapped_pages = 1 << 24;

  /// Reads the text to its end, with `filter` passing over bad lines. Throws base::input_error.
  ftrace_index(const std::string& path, bad_line_filter& filter);

  /// The mappings of this page with a known direction, in the order in which they were made;
  /// nullptr without.
  const std::vector<mapped_page>* of(std::uint64_t page) const;

 private:
  class builder;
  tsl::robin_map<std::uint64_t, std::vector<mapped_page>> m_pages;
};

/// What joining did, for the user.
struct join_counts {
  std::uint64_t accesses = 0;
  std::uint64_t matched = 0;
};

/// One pass over a log.
class ftrace_joiner {
 public:
  /// `logs_direction`: the log tells reads from writes, else only a page's permission.
  ftrace_joiner(std::shared_ptr<const ftrace_index> index, bool logs_direction)
      : m_index(std::move(index)), m_logs_direction(logs_direction) {}
  /// Fills in what the text tells of an access, and takes note of invalidations.
  void apply(trace::record& r);
  const join_counts& counts() const { return m_counts; }

 private:
  struct place {
    std::uint32_t at = 0;
    bool used = false;
  };
  void access(trace::record& r);
  void end_pages(std::uint64_t first, std::uint64_t last);

  std::shared_ptr<const ftrace_index> m_index;
  bool m_logs_direction;
  tsl::robin_map<std::uint64_t, place> m_places;  // of each page that was accessed
  join_counts m_counts;
};

/// A reader of a log with what the text adds.
template <class Log>
class joined_log {
 public:
  static constexpr const char* format = Log::format;
  struct options {
    typename Log::options log;
    std::shared_ptr<const ftrace_index> index;
    join_counts* counts = nullptr;  ///< filled by complete()
  };
  joined_log(const std::string& path, const options& o, bool page_leaves)
      : m_log(path, o.log, page_leaves),
        m_joiner(o.index, Log::logs_direction),
        m_counts(o.counts) {}

  bool next(trace::record& out) {
    if (!m_log.next(out)) return false;
    m_joiner.apply(out);
    return true;
  }
  static bool is_hint(const trace::record& r) { return Log::is_hint(r); }
  void complete(trace::summary& s) const {
    m_log.complete(s);
    if (m_counts != nullptr) *m_counts = m_joiner.counts();
  }
  const line_reader& lines() const { return m_log.lines(); }

 private:
  Log m_log;
  ftrace_joiner m_joiner;
  join_counts* m_counts;
};

}  // namespace svasim::workloads
