// Strong types over one integer: an id that compares and hashes but does no arithmetic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace svasim::base {

/// An identifier: comparable and hashable, with no arithmetic and no implicit conversion.
template <class Tag, class Rep>
class strong_id {
 public:
  using rep = Rep;
  constexpr strong_id() = default;
  constexpr explicit strong_id(Rep v) : m_value(v) {}
  constexpr Rep value() const { return m_value; }

  friend constexpr bool operator==(strong_id a, strong_id b) { return a.m_value == b.m_value; }
  friend constexpr bool operator!=(strong_id a, strong_id b) { return a.m_value != b.m_value; }
  friend constexpr bool operator<(strong_id a, strong_id b) { return a.m_value < b.m_value; }

 private:
  Rep m_value{};
};

}  // namespace svasim::base

template <class Tag, class Rep>
struct std::hash<svasim::base::strong_id<Tag, Rep>> {
  std::size_t operator()(svasim::base::strong_id<Tag, Rep> id) const noexcept {
    return std::hash<Rep>{}(id.value());
  }
};
