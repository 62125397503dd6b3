#include "platforms/eviction_counts.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "platforms/stream_counts.h"

namespace svasim::platforms {
namespace {

// Entries of one address space may differ in what the STE makes of privilege; that is no party.
constexpr std::uint64_t identity = ~(std::uint64_t{0xf} << 40);
constexpr std::uint64_t space_bit = std::uint64_t{1} << 63;

}  // namespace

std::size_t eviction_counts::find(std::uint64_t tag) {
  m_last_tag = tag;
  if ((tag & space_bit) != 0) tag &= identity;
  const auto it = m_find.find(tag);
  if (it != m_find.end()) return m_last = it->second;
  if (m_tags.size() == kept) return m_last = kept;
  m_find[tag] = m_tags.size();
  m_tags.push_back(tag);
  return m_last = m_tags.size() - 1;
}

nlohmann::json eviction_counts::to_json() const {
  constexpr std::size_t n = kept + 1;
  std::vector<std::uint64_t> weight(n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      weight[i] += m_counts[i * n + j];
      weight[j] += m_counts[i * n + j];
    }
  }
  std::vector<std::size_t> order(m_tags.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return weight[a] != weight[b] ? weight[a] > weight[b] : m_tags[a] < m_tags[b];
  });
  const std::size_t shown = std::min(order.size(), listed);
  std::vector<std::size_t> place(n, shown);  // index -> party; beyond those shown: all others
  nlohmann::json parties = nlohmann::json::array();
  for (std::size_t i = 0; i < shown; ++i) {
    place[order[i]] = i;
    parties.push_back(name_of_key(m_tags[order[i]]));
  }
  std::vector<std::uint64_t> folded((shown + 1) * (shown + 1));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      folded[place[i] * (shown + 1) + place[j]] += m_counts[i * n + j];
    }
  }
  nlohmann::json pairs = nlohmann::json::array();
  bool others = false;
  for (std::size_t i = 0; i <= shown; ++i) {
    for (std::size_t j = 0; j <= shown; ++j) {
      const std::uint64_t count = folded[i * (shown + 1) + j];
      if (count == 0) continue;
      others = others || i == shown || j == shown;
      pairs.push_back({i, j, count});
    }
  }
  if (others) parties.push_back("all others");
  return {{"parties", parties}, {"pairs", pairs}};
}

}  // namespace svasim::platforms
