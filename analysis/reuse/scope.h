// One scope of a trace (all of it, a stream, or a PASID) at one page size: its pages, and the
// caches of every size with and without the invalidations of the trace.
#pragma once

#include <cstdint>
#include <optional>

#include "analysis/reuse/cache_sizes.h"
#include "analysis/reuse/invalidations.h"
#include "analysis/reuse/page_index.h"
#include "base/address.h"
#include "base/error.h"
#include "base/ids.h"

namespace svasim::reuse {

struct scope_options {
  cache_options caches;
  unsigned page_shift = 12;                          ///< log2 of the page size, at most 47
  std::uint64_t max_pages = std::uint64_t{1} << 22;  ///< at most 2^27
  bool without_invalidations = true;                 ///< which of the two to follow
  bool with_invalidations = true;
};

/// A trace that has more distinct pages than allowed.
class too_many_pages : public base::input_error {
 public:
  using base::input_error::input_error;
};

class scope {
 public:
  /// Of the whole trace, or of one stream. Keeps `tags`, which must outlive it.
  scope(const scope_options& options, const stream_tags& tags,
        std::optional<base::stream_id> only = std::nullopt);

  /// An access, and `repeats` more to its page behind it. Throws too_many_pages when there are more
  /// than max_pages.
  void access(base::stream_id sid, base::iova address, std::uint64_t repeats = 0) {
    const page_key key{address.page(m_options.page_shift), sid.value()};
    page_index::page_id id = m_pages.find(key);
    const bool first = id == page_index::none;
    if (first) id = add(key);
    const bool sampled = takes(key);
    if (m_kept) m_kept->access(id, key.page, first, repeats, sampled);
    if (m_invalidated && !m_invalidated->access(id, key.page, first, repeats, sampled)) {
      m_valid.add(id, list_of(sid));
    }
  }
  void invalidate(const removal& r);

  /// Distinct pages so far, and those of them in the sample.
  std::uint64_t pages() const { return m_pages.size(); }
  std::uint64_t sampled_pages() const { return m_sampled_pages; }
  const scope_options& options() const { return m_options; }
  /// Must be among the options.
  const cache_sizes& caches(bool invalidations) const {
    return invalidations ? *m_invalidated : *m_kept;
  }

 private:
  page_index::page_id add(const page_key& key);
  bool takes(const page_key& key) const {
    return m_options.caches.rate && m_options.caches.rate->takes(key);
  }
  // Of valid_pages: one list a tag, or just one for one stream.
  std::size_t list_of(base::stream_id sid) const { return m_only ? 0 : m_tags.of(sid); }
  void invalidate(const removal& r, std::size_t list, const std::vector<std::uint32_t>& streams);
  void remove(page_index::page_id id, std::size_t list);

  scope_options m_options;
  const stream_tags& m_tags;
  std::optional<base::stream_id> m_only;
  page_index m_pages;
  valid_pages m_valid;
  std::vector<bool> m_sampled;  // by page, with a rate
  std::uint64_t m_sampled_pages = 0;
  std::optional<cache_sizes> m_kept;
  std::optional<cache_sizes> m_invalidated;
};

}  // namespace svasim::reuse
