// A bounded first-in first-out queue whose storage is made once.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <utility>

namespace svasim::uarch {

/// T must be default-constructible and movable. `capacity` 0 is a queue that is always full.
template <class T>
class ring_fifo {
 public:
  explicit ring_fifo(std::uint32_t capacity)
      : m_slots(std::make_unique<T[]>(capacity)), m_capacity(capacity) {}

  /// Append; false (and `value` is dropped) where the queue is full.
  [[nodiscard]] bool push(T value) {
    if (full()) {
      return false;
    }
    m_slots[wrap(m_head, m_size)] = std::move(value);
    ++m_size;
    return true;
  }
  /// Take the oldest. Throws std::logic_error where the queue is empty.
  T pop() {
    require(m_size != 0);
    T value = std::exchange(m_slots[m_head], T{});
    m_head = wrap(m_head, 1);
    --m_size;
    return value;
  }
  /// The oldest, which stays. Throws std::logic_error where the queue is empty.
  T& front() { return (*this)[0]; }
  const T& front() const { return (*this)[0]; }
  /// The i-th oldest; std::logic_error unless i < size().
  T& operator[](std::uint32_t i) { return require(i < m_size), m_slots[wrap(m_head, i)]; }
  const T& operator[](std::uint32_t i) const {
    return require(i < m_size), m_slots[wrap(m_head, i)];
  }
  void clear() {
    while (!empty()) {
      pop();
    }
  }

  bool empty() const { return m_size == 0; }
  bool full() const { return m_size == m_capacity; }
  std::uint32_t size() const { return m_size; }
  std::uint32_t capacity() const { return m_capacity; }

 private:
  static void require(bool holds) {
    if (!holds) {
      throw std::logic_error("ring_fifo: no such element");
    }
  }
  std::uint32_t wrap(std::uint32_t at, std::uint32_t step) const {
    const std::uint64_t next = std::uint64_t{at} + step;
    return static_cast<std::uint32_t>(next < m_capacity ? next : next - m_capacity);
  }

  std::unique_ptr<T[]> m_slots;
  std::uint32_t m_capacity;
  std::uint32_t m_head = 0;
  std::uint32_t m_size = 0;
};

}  // namespace svasim::uarch
