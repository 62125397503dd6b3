#include "analysis/reuse/reuse.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "analysis/text.h"
#include "base/bits.h"
#include "base/error.h"

namespace svasim::reuse {
namespace {

constexpr std::size_t max_scopes = 1024;
constexpr std::size_t max_page_sizes = 16;
constexpr std::uint64_t max_max_entries = std::uint64_t{1} << 20;
constexpr std::uint64_t max_max_pages = std::uint64_t{1} << 27;
constexpr std::uint64_t max_page_bytes = std::uint64_t{1} << 47;
constexpr std::uint32_t max_ways = 1024;
constexpr std::uint64_t max_set_bytes = std::uint64_t{2} << 30;

using pasid = std::pair<std::uint32_t, std::uint32_t>;  // StreamID, SubstreamID

// Every scope at one page size.
class page_size_scopes {
 public:
  page_size_scopes(const options& o, unsigned page_shift, const stream_tags& tags, bool split)
      : m_tags(tags), m_split(split) {
    m_scope_options.caches = o.caches;
    m_scope_options.page_shift = page_shift;
    m_scope_options.max_pages = o.max_pages;
    m_total = std::make_unique<scope>(m_scope_options, tags);
  }

  void access(const trace::record& r, std::uint64_t repeats) {
    m_total->access(r.sid, r.address, repeats);
    if (m_split) of_stream(r.sid).access(r.sid, r.address, repeats);
  }
  void access_pasid(const trace::record& r, std::uint64_t repeats) {
    std::unique_ptr<scope>& s = m_pasids[{r.sid.value(), r.ssid.value()}];
    if (!s) s = make(r.sid);
    s->access(r.sid, r.address, repeats);
  }
  void invalidate(const removal& what) {
    m_total->invalidate(what);
    for (auto& [sid, s] : m_streams) s->invalidate(what);
    for (auto& [id, s] : m_pasids) s->invalidate(what);
  }

  std::size_t scopes() const { return 1 + m_streams.size() + m_pasids.size(); }
  const scope& total() const { return *m_total; }
  const std::map<std::uint32_t, std::unique_ptr<scope>>& streams() const { return m_streams; }
  const std::map<pasid, std::unique_ptr<scope>>& pasids() const { return m_pasids; }

 private:
  std::unique_ptr<scope> make(base::stream_id sid) const {
    return std::make_unique<scope>(m_scope_options, m_tags, sid);
  }
  scope& of_stream(base::stream_id sid) {
    if (m_last == nullptr || m_last_sid != sid) {
      std::unique_ptr<scope>& s = m_streams[sid.value()];
      if (!s) s = make(sid);
      m_last_sid = sid;
      m_last = s.get();
    }
    return *m_last;
  }

  const stream_tags& m_tags;
  scope_options m_scope_options;
  bool m_split;
  std::unique_ptr<scope> m_total;
  std::map<std::uint32_t, std::unique_ptr<scope>> m_streams;
  std::map<pasid, std::unique_ptr<scope>> m_pasids;
  base::stream_id m_last_sid;
  scope* m_last = nullptr;
};

sampled_curve sample_of(const scope& s, bool invalidations) {
  const cache_sizes& caches = s.caches(invalidations);
  sampled_curve out;
  out.accesses = caches.sampled_depths().accesses();
  out.distinct_pages = s.sampled_pages();
  const std::uint64_t accesses = caches.depths().accesses();
  std::uint64_t difference = 0;
  for (const miss_point& exact : caches.fully_associative()) {
    miss_point p;
    p.entries = exact.entries;
    p.misses = estimated_misses(caches.sampled_depths(), *s.options().caches.rate, exact.entries,
                                accesses);
    difference += p.misses > exact.misses ? p.misses - exact.misses : exact.misses - p.misses;
    out.points.push_back(p);
  }
  if (accesses != 0) {
    out.mean_absolute_error_ppm =
        analysis::scaled(difference, 1000000, accesses * out.points.size());
  }
  return out;
}

curve curve_of(const scope& s, const std::string& name, std::uint32_t ways, bool invalidations) {
  const cache_sizes& caches = s.caches(invalidations);
  const depth_histogram& depths = caches.depths();
  curve c;
  c.scope = name;
  c.page_bytes = std::uint64_t{1} << s.options().page_shift;
  c.ways = ways;
  c.invalidations = invalidations;
  c.accesses = depths.accesses();
  c.distinct_pages = s.pages();
  if (ways != 0) {
    c.points = caches.set_associative();
    return c;
  }
  c.points = caches.fully_associative();
  c.floor = depths.floor();
  c.entries_near = depths.entries_for(c.floor + c.accesses / 100);
  c.entries_full = depths.entries_for(c.floor);
  if (s.options().caches.rate) c.sample = sample_of(s, invalidations);
  return c;
}

void append(std::vector<curve>& out, const scope& s, const std::string& name) {
  for (const bool invalidations : {false, true}) {
    out.push_back(curve_of(s, name, 0, invalidations));
  }
  const std::uint32_t ways = s.options().caches.ways;
  for (const bool invalidations : {false, true}) {
    if (ways != 0) out.push_back(curve_of(s, name, ways, invalidations));
  }
}

std::string stream_name(std::uint32_t sid) {
  return fmt::format("sid:{:#x}", sid);
}

class analysis_pass {
 public:
  analysis_pass(const trace::summary& about, const options& o)
      : m_options(o), m_about(about), m_tags(about.streams), m_reader(m_tags, about.granule_shift) {
    std::vector<std::uint64_t> sizes = o.page_bytes;
    if (sizes.empty()) sizes.push_back(std::uint64_t{1} << about.granule_shift);
    // The only stream of a trace has the curves of the trace.
    const bool split = !o.total_only && about.streams.size() > 1;
    for (const std::uint64_t bytes : sizes) {
      m_pages.emplace_back(o, base::log2_floor(bytes), m_tags, split);
    }
  }

  void add(const trace::record& r) {
    if (r.kind == trace::record_kind::access) {
      ++m_result.runs;
      m_result.accesses += std::uint64_t{1} + r.repeats;
      for (page_size_scopes& p : m_pages) {
        p.access(r, r.repeats);
        if (r.has_ssid && !m_options.total_only) p.access_pasid(r, r.repeats);
      }
      check_scopes();
    } else {
      const removal& what = m_reader.read(r);
      if (what.tags.empty()) return;
      for (page_size_scopes& p : m_pages) p.invalidate(what);
    }
  }

  result finish() {
    for (const page_size_scopes& p : m_pages) {
      append(m_result.curves, p.total(), "total");
      if (m_about.streams.size() == 1 && !m_options.total_only) {
        append(m_result.curves, p.total(), stream_name(m_about.streams[0].sid.value()));
      }
      for (const auto& [sid, s] : p.streams()) append(m_result.curves, *s, stream_name(sid));
      for (const auto& [id, s] : p.pasids()) {
        append(m_result.curves, *s, fmt::format("pasid:{:#x}/{}", id.first, id.second));
      }
    }
    m_result.distinct_pages = m_pages[0].total().pages();
    return std::move(m_result);
  }

 private:
  void check_scopes() {
    const std::size_t scopes = m_pages[0].scopes();
    if (scopes == m_scopes) return;
    m_scopes = scopes;
    if (scopes - 1 > max_scopes) {
      throw base::input_error(fmt::format(
          "the trace has more than {} streams and PASIDs: give --total for the curves of all of "
          "them together",
          analysis::count_text(max_scopes)));
    }
    // Twice: with and without invalidations.
    if (scopes * m_pages.size() * 2 * m_options.caches.set_bytes() > max_set_bytes) {
      throw base::input_error(
          "the set-associative caches take more than 2 GiB: give --total, fewer page sizes or a "
          "smaller --max-entries");
    }
  }

  const options& m_options;
  const trace::summary& m_about;
  stream_tags m_tags;
  invalidation_reader m_reader;
  std::vector<page_size_scopes> m_pages;
  std::size_t m_scopes = 0;
  result m_result;
};

}  // namespace

void check(const options& o) {
  std::vector<base::problem> problems;
  const auto need = [&](bool good, const std::string& message) {
    if (!good) problems.push_back({{}, 0, 0, message});
  };
  const auto in_range = [](std::uint64_t n, std::uint64_t first, std::uint64_t last) {
    return base::is_power_of_two(n) && n >= first && n <= last;
  };
  for (auto p = o.page_bytes.begin(); p != o.page_bytes.end(); ++p) {
    need(in_range(*p, 1, max_page_bytes),
         fmt::format("--page {}: a page size is a power of two of at most 128T", *p));
    need(std::count(o.page_bytes.begin(), p, *p) == 0, fmt::format("--page {}: given twice", *p));
  }
  need(o.page_bytes.size() <= max_page_sizes,
       fmt::format("--page: at most {} page sizes at once", max_page_sizes));
  need(o.caches.ways == 0 || in_range(o.caches.ways, 1, max_ways),
       fmt::format("--ways {}: a number of ways is a power of two of at most {}", o.caches.ways,
                   max_ways));
  need(in_range(o.caches.max_entries, cache_options::fewest_max_entries, max_max_entries),
       fmt::format("--max-entries {}: the largest size is a power of two from {} to {}",
                   o.caches.max_entries, cache_options::fewest_max_entries, max_max_entries));
  need(o.max_pages >= 1 && o.max_pages <= max_max_pages,
       fmt::format("--max-pages {}: a number from 1 to {}", o.max_pages, max_max_pages));
  if (!problems.empty()) throw base::input_error(std::move(problems));
}

result analyse(trace::source& source, const options& o) {
  check(o);
  analysis_pass pass(source.about(), o);
  trace::record r;
  while (source.next(r)) pass.add(r);
  return pass.finish();
}

}  // namespace svasim::reuse
