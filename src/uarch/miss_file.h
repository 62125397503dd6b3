// Outstanding misses, as miss status holding registers keep them: the first miss of a page starts
// the work, later misses of the same page wait for its answer. Both the pages and the waiting
// misses are bounded, and what does not fit is the caller's back-pressure.
#pragma once

#include <tsl/robin_map.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "uarch/hash.h"

namespace svasim::uarch {

enum class miss_outcome : std::uint8_t {
  primary,    ///< first miss of this page: start the work
  secondary,  ///< waits for the answer to an earlier miss
  no_entry,   ///< refused: every entry is in use
  no_waiter,  ///< refused: the entry exists, but no place to wait is left
};

namespace detail {
void check_miss_file(std::uint32_t entries, std::uint32_t waiters);
}

/// Keyed by (tag, page): give the stream or address space in the tag, so that unrelated misses do
/// not wait for each other. Waiter must be default-constructible and movable. Allocates at
/// construction only.
template <class Tag, class Waiter, class Hash = std::hash<Tag>>
class miss_file {
 public:
  /// `entries`: pages outstanding at one time. `waiters`: secondary misses in all entries together;
  /// the primary waits in its entry. 0 is allowed for both. Memory is proportional to both.
  miss_file(std::uint32_t entries, std::uint32_t waiters);

  /// Enter a miss. On a refusal `waiter` is untouched.
  [[nodiscard]] miss_outcome request(const Tag& tag, std::uint64_t page, Waiter&& waiter);
  [[nodiscard]] miss_outcome request(const Tag& tag, std::uint64_t page, const Waiter& waiter) {
    return request(tag, page, Waiter(waiter));
  }
  /// The answer for a page: free its entry, then call `wake(Waiter&&)` for each that waited, in
  /// order of arrival. `wake` may enter new misses. Returns how many waited; 0 where the page has
  /// no entry.
  template <class Wake>
  std::uint32_t release(const Tag& tag, std::uint64_t page, Wake&& wake);

  bool contains(const Tag& tag, std::uint64_t page) const {
    return m_entries.find(key{tag, page}) != m_entries.end();
  }
  /// No entry is left for a new page.
  bool full() const { return m_in_use == m_capacity; }
  /// No place is left for a secondary miss.
  bool waiters_full() const { return m_waiting == m_waiter_capacity; }
  std::uint32_t in_use() const { return m_in_use; }
  /// Secondary misses waiting in all entries.
  std::uint32_t waiting() const { return m_waiting; }
  std::uint32_t capacity() const { return m_capacity; }
  std::uint32_t waiter_capacity() const { return m_waiter_capacity; }
  /// Most entries in use at one time since construction.
  std::uint32_t high_water() const { return m_high_water; }

 private:
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  struct key {
    Tag tag;
    std::uint64_t page;
    bool operator==(const key& o) const { return page == o.page && tag == o.tag; }
  };
  struct key_hash {
    std::size_t operator()(const key& k) const { return mix(k.page, Hash{}(k.tag)); }
  };
  struct node {
    Waiter waiter{};
    std::uint32_t next = none;
  };
  struct chain {
    std::uint32_t first, last;
  };
  std::uint32_t take_node(Waiter&& waiter);

  std::uint32_t m_capacity;
  std::uint32_t m_waiter_capacity;
  std::uint32_t m_in_use = 0;
  std::uint32_t m_waiting = 0;
  std::uint32_t m_high_water = 0;
  std::unique_ptr<node[]> m_nodes;  // one for each entry's primary and each secondary
  std::uint32_t m_free = none;
  tsl::robin_map<key, chain, key_hash> m_entries;
};

template <class Tag, class Waiter, class Hash>
miss_file<Tag, Waiter, Hash>::miss_file(std::uint32_t entries, std::uint32_t waiters)
    : m_capacity((detail::check_miss_file(entries, waiters), entries)),
      m_waiter_capacity(waiters),
      m_nodes(std::make_unique<node[]>(std::size_t{entries} + waiters)) {
  m_entries.reserve(entries);
  for (std::uint32_t i = entries + waiters; i-- > 0;) {
    m_nodes[i].next = std::exchange(m_free, i);
  }
}

template <class Tag, class Waiter, class Hash>
std::uint32_t miss_file<Tag, Waiter, Hash>::take_node(Waiter&& waiter) {
  const std::uint32_t at = m_free;
  m_free = std::exchange(m_nodes[at].next, none);
  m_nodes[at].waiter = std::move(waiter);
  return at;
}

template <class Tag, class Waiter, class Hash>
miss_outcome miss_file<Tag, Waiter, Hash>::request(const Tag& tag, std::uint64_t page,
                                                   Waiter&& waiter) {
  const auto it = m_entries.find(key{tag, page});
  if (it == m_entries.end()) {
    if (full()) {
      return miss_outcome::no_entry;
    }
    const std::uint32_t at = take_node(std::move(waiter));
    m_entries.emplace(key{tag, page}, chain{at, at});
    ++m_in_use;
    m_high_water = m_in_use > m_high_water ? m_in_use : m_high_water;
    return miss_outcome::primary;
  }
  if (waiters_full()) {
    return miss_outcome::no_waiter;
  }
  const std::uint32_t at = take_node(std::move(waiter));
  m_nodes[it->second.last].next = at;
  it.value().last = at;
  ++m_waiting;
  return miss_outcome::secondary;
}

template <class Tag, class Waiter, class Hash>
template <class Wake>
std::uint32_t miss_file<Tag, Waiter, Hash>::release(const Tag& tag, std::uint64_t page,
                                                    Wake&& wake) {
  const auto it = m_entries.find(key{tag, page});
  if (it == m_entries.end()) {
    return 0;
  }
  std::uint32_t at = it->second.first;
  m_entries.erase(it);
  --m_in_use;
  std::uint32_t woken = 0;
  while (at != none) {
    // Each node is free before its waiter runs, and the rest of the chain is already unreachable,
    // so that `wake` sees a consistent file.
    Waiter waiter = std::exchange(m_nodes[at].waiter, Waiter{});
    const std::uint32_t next = std::exchange(m_nodes[at].next, m_free);
    m_free = at;
    m_waiting -= woken == 0 ? 0 : 1;
    at = next;
    ++woken;
    wake(std::move(waiter));
  }
  return woken;
}

}  // namespace svasim::uarch
