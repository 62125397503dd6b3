#include "platforms/scenario/scenario.h"

#include <algorithm>
#include <array>

#include "base/bits.h"

namespace svasim::scenario {
namespace {

constexpr std::array<const char*, arch::fetch_kinds> kind_names{"L1STD", "STE", "L1CD",
                                                                "CD",    "S1L", "S2L"};

bool is_descriptor(arch::fetch_kind kind) {
  return kind == arch::fetch_kind::s1_descriptor || kind == arch::fetch_kind::s2_descriptor;
}

}  // namespace

fetch fetch_of(const arch::fetch_request& f) {
  return {f.kind, f.level, f.address.value()};
}

std::string name(const fetch& f) {
  std::string text = kind_names[static_cast<std::size_t>(f.kind)];
  if (is_descriptor(f.kind)) text += std::to_string(f.level);
  return text;
}

bool parse_fetch_name(const std::string& text, fetch& f) {
  for (std::size_t i = 0; i < kind_names.size(); ++i) {
    f.kind = static_cast<arch::fetch_kind>(i);
    const bool descriptor = is_descriptor(f.kind);
    for (int level = descriptor ? -1 : 0; level <= (descriptor ? 3 : 0); ++level) {
      f.level = static_cast<std::int8_t>(level);
      if (name(f) == text) return true;
    }
  }
  return false;
}

bool scenario::in_ram(std::uint64_t address, std::uint64_t size) const {
  return std::any_of(ram.begin(), ram.end(), [=](const auto& range) {
    const auto& [first, bytes] = range;
    return address >= first && address - first < bytes && size <= bytes - (address - first);
  });
}

queue_base decode_queue_base(std::uint64_t word, unsigned entry_shift, unsigned most_bits) {
  queue_base q;
  q.given = true;
  q.log2_entries = std::min(static_cast<unsigned>(base::bits(word, 4, 0)), most_bits);
  const unsigned align = std::max(5u, q.log2_entries + entry_shift);
  q.address = base::pa(word & base::low_mask(56)).page_base(align);
  return q;
}

}  // namespace svasim::scenario
