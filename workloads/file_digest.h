// Tells whether two files are the same: XXH64 of their bytes. Not for security.
#pragma once

#define XXH_STATIC_LINKING_ONLY  // the state as a member
#include <xxhash.h>

#include <string>

namespace svasim::workloads {

class file_digest {
 public:
  file_digest() { XXH64_reset(&m_state, 0); }
  void add(const void* data, std::size_t n) { XXH64_update(&m_state, data, n); }
  /// 16 hexadecimal digits.
  std::string text() const;

 private:
  XXH64_state_t m_state;
};

}  // namespace svasim::workloads
