#include "arch/table_region.h"

#include <fmt/format.h>

#include <array>

#include "base/error.h"

namespace svasim::arch {

namespace {
constexpr std::uint64_t page_size = 4096;
}

table_region::table_region(base::sparse_memory& memory, base::pa first, base::byte_size size)
    : m_memory(memory), m_end(first.value() + size.value()), m_next(first.value()) {
  constexpr std::uint64_t limit = std::uint64_t{1} << 48;
  if (first.offset(16) != 0) {
    throw base::input_error(
        fmt::format("table region at {:#x} is not aligned to 64 KiB", first.value()));
  }
  if (first.value() >= limit || size.value() > limit - first.value()) {
    throw base::input_error(fmt::format("table region at {:#x} of {} ends beyond 2^48",
                                        first.value(), base::to_string(size)));
  }
}

std::uint64_t table_region::allocate(std::uint64_t size) {
  if (size == page_size && !m_free.empty()) {
    const std::uint64_t page = m_free.back();
    m_free.pop_back();
    m_used += size;
    return page;
  }
  const std::uint64_t at = (m_next + size - 1) & ~(size - 1);
  if (at > m_end || size > m_end - at) {
    throw base::input_error(fmt::format("the table region is full: {} more do not fit behind {}",
                                        base::to_string(base::byte_size(size)),
                                        base::to_string(used())));
  }
  // Pages skipped for alignment are as good as freed ones; a bound keeps huge alignments cheap.
  for (unsigned i = 0; m_next < at && i < 1024; ++i, m_next += page_size) {
    m_free.push_back(m_next);
  }
  m_next = at + size;
  m_used += size;
  return at;
}

void table_region::release(std::uint64_t page) {
  constexpr std::array<unsigned char, page_size> zeroes{};
  m_memory.write(base::pa(page), zeroes.data(), zeroes.size());
  m_free.push_back(page);
  m_used -= page_size;
}

}  // namespace svasim::arch
