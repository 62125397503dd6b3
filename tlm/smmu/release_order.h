// In-order release (prior-art 2: gem5 releases in order per requestor and direction): those that
// came under one key leave in the order in which they came, whenever they are ready.
#pragma once

#include <tsl/robin_map.h>

#include <cstdint>
#include <stdexcept>
#include <vector>

#include "uarch/hash.h"

namespace svasim::smmu {

template <class Item>
class release_order {
 public:
  /// `capacity`: items inside at a time, those that wait for nothing but their turn included.
  explicit release_order(std::uint32_t capacity) : m_nodes(capacity) {
    for (std::uint32_t i = capacity; i-- > 0;) m_free.push_back(i);
    m_keys.reserve(capacity);
  }

  /// `item` has come, behind the others of its key. Throws std::logic_error beyond the capacity.
  void enter(std::uint64_t key, Item item) {
    if (m_free.empty()) throw std::logic_error("more requests than the release order can hold");
    const std::uint32_t at = m_free.back();
    m_free.pop_back();
    m_nodes[at] = {item, none, false};
    const auto [it, is_first] = m_keys.insert({key, {at, at}});
    if (is_first) return;
    m_nodes[it->second.last].next = at;
    it.value().last = at;
  }
  /// `item` may leave. Calls `leave(Item)` for all whose turn has come, in their order. `leave` may
  /// enter other items.
  template <class Leave>
  void ready(std::uint64_t key, Item item, Leave&& leave) {
    const auto it = m_keys.find(key);
    if (it == m_keys.end()) throw std::logic_error("released without having come");
    std::uint32_t at = it->second.first;
    const bool is_first = m_nodes[at].item == item;
    while (!(m_nodes[at].item == item)) {
      at = m_nodes[at].next;
      if (at == none) throw std::logic_error("released without having come");
    }
    m_nodes[at].ready = true;
    ++m_waiting;
    if (is_first) release(key, leave);
  }
  /// Ready items that wait for their turn.
  std::uint32_t waiting() const { return m_waiting; }

 private:
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  struct node {
    Item item{};
    std::uint32_t next = none;
    bool ready = false;
  };
  struct chain {
    std::uint32_t first, last;
  };
  struct mixed {
    std::size_t operator()(std::uint64_t key) const { return uarch::mix(key, 1); }
  };

  template <class Leave>
  void release(std::uint64_t key, Leave&& leave) {
    for (;;) {
      const auto it = m_keys.find(key);
      if (it == m_keys.end()) return;
      const std::uint32_t at = it->second.first;
      if (!m_nodes[at].ready) return;
      const Item item = m_nodes[at].item;
      if (m_nodes[at].next == none) {
        m_keys.erase(it);
      } else {
        it.value().first = m_nodes[at].next;
      }
      m_free.push_back(at);
      --m_waiting;
      leave(item);
    }
  }

  std::vector<node> m_nodes;
  std::vector<std::uint32_t> m_free;
  std::uint32_t m_waiting = 0;
  tsl::robin_map<std::uint64_t, chain, mixed> m_keys;
};

}  // namespace svasim::smmu
