#include "analysis/reuse/scope.h"

#include <fmt/format.h>

#include "analysis/text.h"
#include "base/units.h"

namespace svasim::reuse {

scope::scope(const scope_options& options, const stream_tags& tags,
             std::optional<base::stream_id> only)
    : m_options(options), m_tags(tags), m_only(only), m_valid(only ? 1 : tags.all().size()) {
  if (options.without_invalidations) m_kept.emplace(options.caches);
  if (options.with_invalidations) m_invalidated.emplace(options.caches);
}

page_index::page_id scope::add(const page_key& key) {
  if (m_pages.size() >= m_options.max_pages) {
    throw too_many_pages(fmt::format(
        "the trace has more than {} distinct pages of {}: choose larger ones with --page, or raise "
        "--max-pages",
        analysis::count_text(m_options.max_pages),
        to_string(base::bytes(std::uint64_t{1} << m_options.page_shift))));
  }
  if (m_options.caches.rate) {
    m_sampled.push_back(takes(key));
    m_sampled_pages += m_sampled.back() ? 1 : 0;
  }
  return m_pages.add(key);
}

void scope::invalidate(const removal& r) {
  if (!m_invalidated) return;
  if (m_only) {
    const std::size_t own = m_tags.of(*m_only);
    const std::vector<std::uint32_t> stream{m_only->value()};
    for (const std::size_t tag : r.tags) {
      if (tag == own) invalidate(r, 0, stream);
    }
    return;
  }
  for (const std::size_t tag : r.tags) invalidate(r, tag, m_tags.all()[tag].streams);
}

void scope::invalidate(const removal& r, std::size_t list,
                       const std::vector<std::uint32_t>& streams) {
  const std::uint64_t first = r.first >> m_options.page_shift;
  const std::uint64_t last = r.last >> m_options.page_shift;
  // Look for what the range names, or through what is there, whichever is less.
  if (!r.whole_tags() && last - first < m_valid.size(list) / streams.size()) {
    for (const std::uint32_t sid : streams) {
      for (std::uint64_t page = first; page <= last; ++page) {
        const page_index::page_id id = m_pages.find({page, sid});
        if (id != page_index::none && m_valid.contains(id)) remove(id, list);
      }
    }
    return;
  }
  m_valid.for_each(list, [&](page_index::page_id id) {
    if (m_pages.page(id) >= first && m_pages.page(id) <= last) remove(id, list);
  });
}

void scope::remove(page_index::page_id id, std::size_t list) {
  m_valid.remove(id, list);
  m_invalidated->remove(id, m_pages.page(id), m_options.caches.rate && m_sampled[id]);
}

}  // namespace svasim::reuse
