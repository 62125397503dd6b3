// A fixed array whose memory starts as zeros and is touched by the operating system only where it
// is used: a system-level cache of a million entries costs nothing until lines arrive.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>

namespace svasim::uarch {

/// T must be meaningful as all-zero bytes until it is assigned.
template <class T>
class zeroed_array {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
  static_assert(alignof(T) <= alignof(std::max_align_t));

 public:
  zeroed_array() = default;
  /// Throws std::bad_alloc.
  explicit zeroed_array(std::size_t n) : m_data(static_cast<T*>(std::calloc(n, sizeof(T)))) {
    if (n != 0 && !m_data) {
      throw std::bad_alloc();
    }
    // A large table is met at random; without huge pages the host's own TLB misses dominate.
    if (n * sizeof(T) >= huge_page) {
      const auto first = (reinterpret_cast<std::uintptr_t>(data()) + page - 1) & ~(page - 1);
      const auto end = reinterpret_cast<std::uintptr_t>(data() + n) & ~(page - 1);
      ::madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);  // a hint: may fail
    }
  }
  T& operator[](std::size_t i) { return m_data.get()[i]; }
  const T& operator[](std::size_t i) const { return m_data.get()[i]; }
  T* data() { return m_data.get(); }
  const T* data() const { return m_data.get(); }

 private:
  static constexpr std::size_t huge_page = std::size_t{2} << 20;
  static constexpr std::uintptr_t page = 4096;
  struct release {
    void operator()(T* p) const { std::free(p); }
  };
  std::unique_ptr<T, release> m_data;
};

}  // namespace svasim::uarch
