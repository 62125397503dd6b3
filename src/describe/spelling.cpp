#include "describe/spelling.h"

#include <algorithm>

namespace svasim::describe {

std::size_t edit_distance(const std::string& a, const std::string& b) {
  const std::size_t width = b.size() + 1;
  std::vector<std::size_t> d((a.size() + 1) * width);  // d[i][j]: a's first i against b's first j
  for (std::size_t i = 0; i <= a.size(); ++i) d[i * width] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = d[(i - 1) * width + j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      std::size_t best = std::min({d[(i - 1) * width + j] + 1, d[i * width + j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        best = std::min(best, d[(i - 2) * width + j - 2] + 1);
      }
      d[i * width + j] = best;
    }
  }
  return d.back();
}

std::string nearest_name(const std::string& word, const std::vector<std::string>& names) {
  constexpr std::size_t longest = 64;  // keeps a hostile key cheap; no declared name is that long
  if (word.size() > longest) return {};
  std::string best;
  std::size_t best_distance = longest;
  for (const std::string& name : names) {
    const std::size_t distance = edit_distance(word, name);
    if (distance * 3 > std::max(word.size(), name.size()) || distance >= best_distance) continue;
    best = name;
    best_distance = distance;
  }
  return best;
}

}  // namespace svasim::describe
