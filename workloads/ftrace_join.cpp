#include "workloads/ftrace_join.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "workloads/dma_mappings.h"
#include "workloads/smmu_commands.h"

namespace svasim::workloads {
namespace {

using kind = ftrace_event::kind;

constexpr unsigned page_shift = 12;
constexpr std::uint64_t page = 1 << page_shift;
// How far the log may be ahead of the text in one page.
constexpr std::size_t look_ahead = 256;

// Where the log has no direction: a read-only page is one of a DMA to the device; one from it
// leaves the page writable.
bool permits(dma_direction d, const trace::record& r, bool logs_direction) {
  const bool write = logs_direction ? r.write : (r.permission & 2) != 0;
  return d == dma_direction::both || write == (d == dma_direction::from_device);
}

}  // namespace

// Follows the text; every mapping that ends, or is there at the end, goes into the index.
class ftrace_index::builder {
 public:
  builder(ftrace_index& index, const std::string& path) : m_index(index), m_lines(path) {}

  /// A line; false at the end. The argument is for bad_line_filter.
  bool next(trace::record&) {
    std::string_view line;
    if (!m_lines.next(line)) return false;
    text_fields f(m_lines, line);
    if (!m_line.read(line, f)) return true;
    read_ftrace_event(m_line, f, m_event);
    if (m_event.what == kind::other) return true;
    m_any = true;
    handle(f);
    return true;
  }
  void finish() {
    for (const dma_mapping& m : m_mappings.remove(0, ~std::uint64_t{0})) index_at(m);
    if (m_any) return;
    throw base::input_error(
        base::problem{m_lines.path(), 0, 0,
                      "ftrace text without events of the systems iommu, dma, nvme or block"});
  }

 private:
  void handle(text_fields& f) {
    const dma_segment* s = m_event.segments.empty() ? nullptr : &m_event.segments.front();
    const bool iommu = m_event.what == kind::map || m_event.what == kind::unmap;
    if (iommu) m_mappings.saw_iommu_event();
    const bool adds = m_event.what == kind::map || m_event.what == kind::dma_map ||
                      m_event.what == kind::command || m_event.what == kind::request;
    if (!m_mappings.waits_for_more(m_line.pid())) m_mappings.started_by(m_line.pid());
    if (adds) {
      m_mappings.add(m_event, m_line.pid(), f);
      if (m_event.what == kind::request) m_mappings.started_by(m_line.pid());
      return;
    }
    if (s == nullptr) return;
    if (m_event.what == kind::unmap) return end(s->address, s->address + (s->size - 1));
    if (m_event.what != kind::dma_unmap) return;
    if (!m_mappings.has_iommu_events()) {
      end(s->address & ~(page - 1), (s->address + (s->size - 1)) | (page - 1));
    }
    tell_ended(*s);
  }
  // In the order of their unmaps, which is that of their maps for any one page.
  void end(std::uint64_t first, std::uint64_t last) {
    const std::vector<dma_mapping> ended = m_mappings.remove(first, last);
    for (const dma_mapping& m : ended) index_at(m);
    if (!ended.empty()) return;
    // Mapped before the text began: the dma_unmap behind tells what it was.
    m_orphan_first = first;
    m_orphan_last = last;
  }
  void tell_ended(const dma_segment& s) {
    if (m_orphan_first > s.address || m_orphan_last < s.address + (s.size - 1)) return;
    dma_mapping m;
    m.first = m_orphan_first;
    m.last = m_orphan_last;
    m.dma_first = s.address;
    m.dma_last = s.address + (s.size - 1);
    m.direction = m_event.direction;
    index_at(m);
    m_orphan_first = ~std::uint64_t{0};
  }
  void index_at(const dma_mapping& m) {
    if (m.direction == dma_direction::unknown || m.dma_first > m.dma_last) return;
    for (std::uint64_t p = m.dma_first >> page_shift; p <= m.dma_last >> page_shift; ++p) {
      if (++m_count > max_mapped_pages) {
        m_lines.fail(1, "more than 16777216 pages mapped: too many to join");
      }
      const std::uint64_t output = m.output + ((p << page_shift) - m.first);
      m_index.m_pages[p].push_back({m.has_output ? output >> page_shift : unknown_output,
                                    m.dma_first, m.dma_last, m.direction});
    }
  }

  ftrace_index& m_index;
  line_reader m_lines;
  ftrace_line m_line;
  ftrace_event m_event;
  dma_mappings m_mappings;
  bool m_any = false;
  std::size_t m_count = 0;
  std::uint64_t m_orphan_first = ~std::uint64_t{0};
  std::uint64_t m_orphan_last = 0;
};

ftrace_index::ftrace_index(const std::string& path, bad_line_filter& filter) {
  builder b(*this, path);
  trace::record none;
  while (filter.next(b, none)) continue;
  b.finish();
}

const std::vector<mapped_page>* ftrace_index::of(std::uint64_t number) const {
  const auto found = m_pages.find(number);
  return found == m_pages.end() ? nullptr : &found->second;
}

void ftrace_joiner::apply(trace::record& r) {
  if (r.kind == trace::record_kind::access) {
    ++m_counts.accesses;
    return access(r);
  }
  if (r.kind == trace::record_kind::request) {
    if (r.request == trace::request_type::unmap) end_pages(r.address.value(), r.last);
    return;
  }
  if (r.kind != trace::record_kind::command) return;
  if (const auto range = smmu_commands::named_range(r.command)) {
    end_pages(range->first, range->last);
  }
}

void ftrace_joiner::access(trace::record& r) {
  const std::uint64_t number = r.address.page(page_shift);
  const std::vector<mapped_page>* all = m_index->of(number);
  if (all == nullptr) return;
  place& here = m_places[number];
  const std::size_t end = std::min(all->size(), here.at + look_ahead);
  for (std::size_t i = here.at; i < end; ++i) {
    const mapped_page& m = (*all)[i];
    const bool same_output =
        m.output == ftrace_index::unknown_output || m.output == r.output >> page_shift;
    const bool inside = r.address.value() >= m.dma_first && r.address.value() <= m.dma_last;
    if (!same_output || !inside || !permits(m.direction, r, m_logs_direction)) continue;
    here.at = static_cast<std::uint32_t>(i);
    here.used = true;
    const std::uint64_t last = std::min(m.dma_last, r.address.value() | (page - 1));
    r.length = static_cast<std::uint32_t>(last - r.address.value() + 1);
    if (m.direction != dma_direction::both) r.write = m.direction == dma_direction::from_device;
    ++m_counts.matched;
    return;
  }
}

void ftrace_joiner::end_pages(std::uint64_t first, std::uint64_t last) {
  const auto end = [](place& p) {
    if (!std::exchange(p.used, false)) return;
    ++p.at;
  };
  const std::uint64_t from = first >> page_shift;
  const std::uint64_t to = last >> page_shift;
  if (to - from >= m_places.size()) {
    for (auto it = m_places.begin(); it != m_places.end(); ++it) {
      if (it->first >= from && it->first <= to) end(it.value());
    }
    return;
  }
  for (std::uint64_t p = from; p <= to; ++p) {
    const auto it = m_places.find(p);
    if (it != m_places.end()) end(it.value());
  }
}

}  // namespace svasim::workloads
