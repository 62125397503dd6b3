// Numbers the (StreamID, page) keys of a trace in the order of their first access, and knows which
// of them a TLB without limit would hold, by translation tag, so that an invalidation finds them.
#pragma once

#include <tsl/robin_map.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "uarch/hash.h"

namespace svasim::reuse {

struct page_key {
  std::uint64_t page = 0;
  std::uint32_t sid = 0;
  friend bool operator==(const page_key& a, const page_key& b) {
    return a.page == b.page && a.sid == b.sid;
  }
};

class page_index {
 public:
  using page_id = std::uint32_t;
  static constexpr page_id none = ~page_id{0};

  std::size_t size() const { return m_pages.size(); }
  /// `id` < size().
  std::uint64_t page(page_id id) const { return m_pages[id]; }

  /// `none` where the key was never added.
  page_id find(const page_key& key) const {
    const auto found = m_ids.find(key);
    return found == m_ids.end() ? none : found->second;
  }
  /// Not yet known; the new number is size() as it was.
  page_id add(const page_key& key) {
    const auto id = static_cast<page_id>(m_pages.size());
    m_ids.emplace(key, id);
    m_pages.push_back(key.page);
    return id;
  }

 private:
  struct hash {
    std::size_t operator()(const page_key& k) const noexcept { return uarch::mix(k.page, k.sid); }
  };
  tsl::robin_map<page_key, page_id, hash> m_ids;
  std::vector<std::uint64_t> m_pages;
};

/// The pages that are valid, one list a tag, linked through the pages.
class valid_pages {
 public:
  using page_id = page_index::page_id;
  static constexpr page_id none = page_index::none;

  explicit valid_pages(std::size_t tags) : m_lists(tags) {}

  bool contains(page_id id) const { return id < m_links.size() && m_links[id].previous != outside; }
  std::size_t size(std::size_t tag) const { return m_lists[tag].size; }

  /// `id` is in no list.
  void add(page_id id, std::size_t tag) {
    if (id >= m_links.size()) m_links.resize(id + 1u);
    list& l = m_lists[tag];
    m_links[id] = {none, l.first};
    if (l.first != none) m_links[l.first].previous = id;
    l.first = id;
    ++l.size;
  }
  /// `id` is in the list of `tag`.
  void remove(page_id id, std::size_t tag) {
    list& l = m_lists[tag];
    const link at = m_links[id];
    (at.previous == none ? l.first : m_links[at.previous].next) = at.next;
    if (at.next != none) m_links[at.next].previous = at.previous;
    m_links[id] = {};
    --l.size;
  }
  /// f(id) for each; f may remove the one it is given.
  template <class F>
  void for_each(std::size_t tag, F f) {
    for (page_id id = m_lists[tag].first; id != none;) {
      const page_id next = m_links[id].next;
      f(id);
      id = next;
    }
  }

 private:
  static constexpr page_id outside = none - 1;
  struct link {
    page_id previous = outside;
    page_id next = none;
  };
  struct list {
    page_id first = none;
    std::size_t size = 0;
  };
  std::vector<link> m_links;
  std::vector<list> m_lists;
};

}  // namespace svasim::reuse
