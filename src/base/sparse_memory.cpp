#include "base/sparse_memory.h"

#include <algorithm>

namespace svasim::base {

void sparse_memory::read(pa at, void* out, std::size_t n) const {
  auto* to = static_cast<unsigned char*>(out);
  while (n > 0) {
    const std::size_t offset = at.offset(page_shift);
    const std::size_t chunk = std::min(n, sizeof(page) - offset);
    const auto it = m_pages.find(at.page(page_shift));
    if (it == m_pages.end()) {
      std::memset(to, 0, chunk);
    } else {
      std::memcpy(to, it->second->data() + offset, chunk);
    }
    at = at + chunk, to += chunk, n -= chunk;
  }
}

void sparse_memory::write(pa at, const void* in, std::size_t n) {
  const auto* from = static_cast<const unsigned char*>(in);
  while (n > 0) {
    const std::size_t offset = at.offset(page_shift);
    const std::size_t chunk = std::min(n, sizeof(page) - offset);
    auto it = m_pages.find(at.page(page_shift));
    if (it == m_pages.end()) {
      it = m_pages.emplace(at.page(page_shift), std::make_unique<page>()).first;
    }
    std::memcpy(it.value()->data() + offset, from, chunk);
    at = at + chunk, from += chunk, n -= chunk;
  }
}

}  // namespace svasim::base
