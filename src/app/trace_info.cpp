#include <fmt/format.h>
#include <tsl/robin_set.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "analysis/reuse/reuse.h"
#include "analysis/text.h"
#include "app/commands.h"
#include "app/load.h"
#include "app/trace_commands.h"
#include "arch/command.h"
#include "arch/event.h"
#include "base/units.h"
#include "stats/log_histogram.h"
#include "uarch/hash.h"
#include "workloads/request_names.h"
#include "workloads/smmu_commands.h"

namespace svasim::app {
namespace {

using analysis::count_text;
using analysis::percent_text;
namespace cmd = workloads::smmu_commands;

// Which addresses the trace's leaf records say are mapped by blocks.
class known_blocks {
 public:
  explicit known_blocks(const trace::summary& about) {
    for (const trace::stream_tag& t : about.streams) m_tags[t.sid.value()] = tag(t.asid, t.vmid);
  }

  void add(const trace::record& leaf) {
    if (m_size == max_blocks) return;
    const unsigned shift = leaf.granule_shift + (3u - leaf.level) * (leaf.granule_shift - 3u);
    const block b{leaf.address.page(shift), tag(leaf.asid, leaf.vmid)};
    m_size += m_blocks[shift].insert(b).second ? 1 : 0;
  }
  /// log2 of the block's bytes; 0 where none is known.
  unsigned shift_at(const trace::record& access) const {
    if (m_blocks.empty()) return 0;
    const auto t = m_tags.find(access.sid.value());
    if (t == m_tags.end()) return 0;
    for (const auto& [shift, blocks] : m_blocks) {
      if (blocks.count({access.address.page(shift), t->second}) != 0) return shift;
    }
    return 0;
  }

 private:
  static constexpr std::size_t max_blocks = 1 << 20;
  struct block {
    std::uint64_t page;
    std::uint32_t tag;
    friend bool operator==(const block& a, const block& b) {
      return a.page == b.page && a.tag == b.tag;
    }
  };
  struct hash {
    std::size_t operator()(const block& b) const noexcept { return uarch::mix(b.page, b.tag); }
  };
  static std::uint32_t tag(base::asid asid, base::vmid vmid) {
    return std::uint32_t{vmid.value()} << 16 | asid.value();
  }

  std::map<std::uint32_t, std::uint32_t> m_tags;  // by StreamID
  std::map<unsigned, tsl::robin_set<block, hash>> m_blocks;
  std::size_t m_size = 0;
};

struct stream_extent {
  std::uint64_t first = ~std::uint64_t{0};
  std::uint64_t last = 0;
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;
};

// Passes records on and counts what the summary does not.
class counted_trace final : public trace::source {
 public:
  explicit counted_trace(trace::source& from) : m_from(from), m_blocks(from.about()) {}

  bool next(trace::record& out) override {
    if (!m_from.next(out)) return false;
    if (out.kind == trace::record_kind::access) count_access(out);
    if (const auto range = range_of(out)) {
      ++ranges;
      pages_in_ranges += *range;
    }
    if (out.kind == trace::record_kind::leaf) m_blocks.add(out);
    if (out.kind == trace::record_kind::event) ++events[{out.event, out.sid.value()}];
    return true;
  }
  const trace::summary& about() const override { return m_from.about(); }

  std::uint64_t read_bytes = 0;
  std::uint64_t write_bytes = 0;
  std::map<std::uint32_t, stream_extent> streams;
  std::map<unsigned, std::uint64_t> accesses_by_shift;  ///< log2 of the mapping's size
  stats::log_histogram gaps;                            ///< between records of accesses, in ps
  std::map<std::pair<std::uint8_t, std::uint32_t>, std::uint64_t> events;  ///< number, StreamID
  std::uint64_t ranges = 0;
  std::uint64_t pages_in_ranges = 0;

 private:
  void count_access(const trace::record& r) {
    const std::uint64_t n = std::uint64_t{1} + r.repeats;
    (r.write ? write_bytes : read_bytes) += n * r.length;
    stream_extent& s = streams[r.sid.value()];
    s.first = std::min(s.first, r.address.value());
    s.last = std::max(s.last, r.address.value() + (r.length == 0 ? 0 : r.length - 1));
    (r.write ? s.writes : s.reads) += n;
    const unsigned block = m_blocks.shift_at(r);
    accesses_by_shift[block != 0 ? block : about().granule_shift] += n;
    if (std::exchange(m_any, true)) gaps.add((r.time - m_last).value());
    m_last = r.time;
  }
  // The pages that a record invalidates by address.
  std::optional<std::uint64_t> range_of(const trace::record& r) const {
    if (r.kind == trace::record_kind::request && r.request == trace::request_type::unmap) {
      const unsigned shift = about().granule_shift;
      return (r.last >> shift) - (r.address.value() >> shift) + 1;
    }
    if (r.kind != trace::record_kind::command) return std::nullopt;
    const auto range = cmd::named_range(r.command);
    return range ? std::optional(range->pages) : std::nullopt;
  }

  trace::source& m_from;
  known_blocks m_blocks;
  bool m_any = false;
  base::duration m_last;
};

void print_counts(const trace::summary& s) {
  fmt::print("  lines      {:>14}\n  accesses   {:>14}\n  runs       {:>14}\n", count_text(s.lines),
             count_text(s.accesses), count_text(s.runs));
  fmt::print("  commands   {:>14}\n  requests   {:>14}\n  events     {:>14}\n",
             count_text(s.commands), count_text(s.requests), count_text(s.events));
  fmt::print("  length     {:>14}\n  page size  {:>14}\n  unmapping  {:>14}\n",
             analysis::time_text(s.length.value()),
             to_string(base::bytes(std::uint64_t{1} << s.granule_shift)),
             s.lazy ? "lazy" : "strict");
  for (const auto& [op, n] : s.commands_by_opcode) {
    fmt::print("  {:20} {:>10}\n", arch::name(static_cast<arch::opcode>(op)), count_text(n));
  }
  for (const auto& [type, n] : s.requests_by_type) {
    fmt::print("  {:20} {:>10}\n", workloads::request_name(type), count_text(n));
  }
}

// Faults, and what the file holds that is no record.
void print_events(const counted_trace& t) {
  for (const auto& [event, n] : t.events) {
    fmt::print("  {:20} {:>10}  StreamID {:#x}\n",
               arch::name(static_cast<arch::event_type>(event.first)), count_text(n), event.second);
  }
  const trace::summary& s = t.about();
  const auto print = [](std::uint64_t n, const char* what) {
    if (n != 0) fmt::print("  {:>25}  {}\n", count_text(n), what);
  };
  print(s.leaves, "leaves that show blocks in the table");
  print(s.untranslated, "accesses without translation, left out");
  print(s.incomplete_commands, "commands without their operands, left out");
  print(s.clock_steps_back, "steps back of the clock");
}

void print_traffic(const counted_trace& t) {
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;
  for (const auto& [sid, s] : t.streams) {
    reads += s.reads;
    writes += s.writes;
  }
  const std::uint64_t all = reads + writes;
  if (all == 0) return;
  fmt::print("  reads      {:>14}  {:>8}  {}\n", count_text(reads), percent_text(reads, all, 1),
             analysis::size_text(t.read_bytes));
  fmt::print("  writes     {:>14}  {:>8}  {}\n", count_text(writes), percent_text(writes, all, 1),
             analysis::size_text(t.write_bytes));
  const base::byte_size only = t.about().page_size;
  if (only.value() != 0) {
    fmt::print("  mapped by  {:>14}  {:>8}\n", to_string(only), percent_text(all, all, 1));
  } else {
    for (const auto& [shift, n] : t.accesses_by_shift) {
      fmt::print("  mapped by  {:>14}  {:>8}  {} accesses\n",
                 to_string(base::bytes(std::uint64_t{1} << shift)), percent_text(n, all, 1),
                 count_text(n));
    }
  }
  if (t.gaps.count() != 0) {
    fmt::print("  gap        {:>14}  median; smallest {}, 99 % within {}, largest {}\n",
               analysis::time_text(t.gaps.quantile(5000)), analysis::time_text(t.gaps.min()),
               analysis::time_text(t.gaps.quantile(9900)), analysis::time_text(t.gaps.max()));
  }
  if (t.ranges != 0) {
    fmt::print("  ranges     {:>14}  of {} pages in all\n", count_text(t.ranges),
               count_text(t.pages_in_ranges));
  }
}

void print_streams(const counted_trace& t) {
  for (const trace::stream_tag& tag : t.about().streams) {
    const std::string spaces =
        tag.has_domain ? fmt::format("domain {}", tag.domain)
                       : fmt::format("ASID {}, VMID {}", tag.asid.value(), tag.vmid.value());
    fmt::print("  StreamID {:#x}: {}, {} accesses", tag.sid.value(), spaces,
               count_text(tag.accesses));
    const auto s = t.streams.find(tag.sid.value());
    if (s == t.streams.end()) {
      fmt::print("\n");
      continue;
    }
    fmt::print(", {} writes, {:#x} to {:#x}\n", count_text(s->second.writes), s->second.first,
               s->second.last);
  }
}

void print_reuse(const reuse::result& r) {
  if (r.accesses == 0) return;
  const reuse::curve& kept = r.curves.at(0);
  const reuse::curve& invalidated = r.curves.at(1);
  fmt::print("  footprint  {:>14}  {} pages of {}\n",
             analysis::size_text(r.distinct_pages * kept.page_bytes), count_text(r.distinct_pages),
             to_string(base::bytes(kept.page_bytes)));
  fmt::print("  misses of a fully associative LRU TLB of pages; svasim reuse tells more\n");
  fmt::print("  {:>9} {:>17} {:>19}\n", "entries", "none invalidated", "with invalidations");
  for (std::size_t i = 0; i < kept.points.size(); i += 2) {
    fmt::print("  {:>9} {:>17} {:>19}\n", count_text(kept.points[i].entries),
               percent_text(kept.points[i].misses, r.accesses, 2),
               percent_text(invalidated.points[i].misses, r.accesses, 2));
  }
  fmt::print("  {:>9} {:>17} {:>19}  ({} and {} entries miss no more)\n", "no limit",
             percent_text(kept.floor, r.accesses, 2),
             percent_text(invalidated.floor, r.accesses, 2), count_text(kept.entries_full),
             count_text(invalidated.entries_full));
}

}  // namespace

int trace_info(const trace_options& o) {
  const auto source = open_input(o);
  counted_trace counted(*source);
  reuse::options options;
  options.total_only = true;
  reuse::result curves;
  bool too_many = false;
  try {
    curves = reuse::analyse(counted, options);
  } catch (const reuse::too_many_pages&) {
    too_many = true;
    trace::record r;
    while (counted.next(r)) continue;
  }
  const trace::summary& s = source->about();
  fmt::print("{}: {}, digest {}\n", base_name(o.file), s.format, s.digest);
  print_counts(s);
  print_events(counted);
  print_traffic(counted);
  print_streams(counted);
  if (too_many) {
    fmt::print("  no miss counts: more than {} distinct pages (svasim reuse --page)\n",
               count_text(options.max_pages));
  } else {
    print_reuse(curves);
  }
  if (o.speed) print_read_speed(o);
  return 0;
}

}  // namespace svasim::app
