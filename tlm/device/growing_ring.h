// A first-in first-out queue that allocates only until it has grown to the most it ever held.
// Something else bounds what is in it.
#pragma once

#include <cstddef>
#include <vector>

namespace svasim::device {

template <class T>
class growing_ring {
 public:
  bool empty() const { return m_count == 0; }
  std::size_t size() const { return m_count; }
  void push(const T& item) {
    if (m_count == m_items.size()) grow();
    m_items[(m_head + m_count++) & (m_items.size() - 1)] = item;
  }
  /// The oldest; not where it is empty.
  const T& front() const { return m_items[m_head]; }
  T pop() {
    const T item = m_items[m_head];
    m_head = (m_head + 1) & (m_items.size() - 1);
    --m_count;
    return item;
  }

 private:
  void grow() {
    std::vector<T> bigger(m_items.size() * 2);
    for (std::size_t i = 0; i < m_count; ++i) {
      bigger[i] = m_items[(m_head + i) & (m_items.size() - 1)];
    }
    m_items.swap(bigger);
    m_head = 0;
  }

  std::vector<T> m_items = std::vector<T>(16);
  std::size_t m_head = 0;
  std::size_t m_count = 0;
};

}  // namespace svasim::device
