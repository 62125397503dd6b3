// A counting resource named after a hardware limit: translation slots, walk slots, credits, tags.
#pragma once

#include <cstdint>
#include <stdexcept>

namespace svasim::uarch {

class token_pool {
 public:
  /// `capacity` 0 is a resource that never grants.
  explicit token_pool(std::uint32_t capacity) : m_capacity(capacity) {}

  /// Take one token; false where none is left.
  [[nodiscard]] bool take() {
    if (m_in_use == m_capacity) {
      return false;
    }
    ++m_in_use;
    m_high_water = m_in_use > m_high_water ? m_in_use : m_high_water;
    return true;
  }
  /// Return one token. Throws std::logic_error where none is out.
  void give() {
    if (m_in_use == 0) {
      throw std::logic_error("token_pool: more tokens given back than taken");
    }
    --m_in_use;
  }

  std::uint32_t capacity() const { return m_capacity; }
  std::uint32_t in_use() const { return m_in_use; }
  std::uint32_t available() const { return m_capacity - m_in_use; }
  bool empty() const { return m_in_use == m_capacity; }
  /// Most tokens out at one time since construction or the last reset_high_water().
  std::uint32_t high_water() const { return m_high_water; }
  void reset_high_water() { m_high_water = m_in_use; }

 private:
  std::uint32_t m_capacity;
  std::uint32_t m_in_use = 0;
  std::uint32_t m_high_water = 0;
};

}  // namespace svasim::uarch
