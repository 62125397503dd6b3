// FNV-1a over 64 bits: tells whether a .svt footer is whole. Not for security.
#pragma once

#include <cstdint>
#include <string_view>

namespace svasim::workloads {

class digest {
 public:
  void add(const void* data, std::size_t n) {
    const auto* p = static_cast<const unsigned char*>(data);
    std::uint64_t h = m_hash;
    for (std::size_t i = 0; i < n; ++i) h = (h ^ p[i]) * 0x100000001b3u;
    m_hash = h;
  }
  void add(std::string_view text) { add(text.data(), text.size()); }
  std::uint64_t value() const { return m_hash; }

 private:
  std::uint64_t m_hash = 0xcbf29ce484222325u;
};

}  // namespace svasim::workloads
