#include "analysis/advise/search.h"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>

namespace svasim::advise {
namespace {

bool within(const combination& a, const combination& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) return false;
  }
  return true;
}

class searcher {
 public:
  explicit searcher(const search_space& space) : m_space(space) {}

  search_result run() {
    combination largest;
    for (const std::size_t n : m_space.sizes) largest.push_back(n - 1);
    if (passes(largest)) {
      m_result.best = largest;
      // Which axis comes first decides where the descent ends: each gets its turn.
      for (std::size_t first = 0; first < largest.size(); ++first) descend(largest, first);
      while (const auto next = dearest_open()) {
        if (passes(*next)) descend(*next, 0);
      }
    }
    return std::move(m_result);
  }

 private:
  // Known from what was tried, or tried now.
  bool passes(const combination& c) {
    const auto known = m_known.find(c);
    if (known != m_known.end()) return known->second;
    for (const auto& [tried, good] : m_known) {
      if (good ? within(tried, c) : within(c, tried)) return good;
    }
    m_result.trials.push_back(c);
    const bool good = m_space.reaches_target(c);
    m_known[c] = good;
    return good;
  }

  // From `c`, which passes: every axis in turn as small as it can be.
  void descend(combination c, std::size_t first) {
    for (std::size_t k = 0; k < c.size(); ++k) {
      const std::size_t axis = (first + k) % c.size();
      std::size_t low = 0, high = c[axis];  // `high` passes
      while (low < high) {
        combination middle = c;
        middle[axis] = low + (high - low) / 2;
        if (passes(middle)) {
          high = middle[axis];
        } else {
          low = middle[axis] + 1;
        }
      }
      c[axis] = high;
    }
    if (m_space.cost(c) < m_space.cost(*m_result.best)) m_result.best = c;
  }

  // Of all that are cheaper than the best and not known to fail, the most expensive: it is the most
  // likely to pass, and when it fails it rules out the most.
  std::optional<combination> dearest_open() {
    if (m_by_cost.empty()) list_all();
    const std::uint64_t limit = m_space.cost(*m_result.best);
    while (!m_by_cost.empty()) {
      const auto& [cost, c] = m_by_cost.back();
      const bool open =
          cost < limit && std::none_of(m_known.begin(), m_known.end(), [&c = c](const auto& known) {
            return !known.second && within(c, known.first);
          });
      if (open) return c;
      m_by_cost.pop_back();
      if (m_by_cost.empty()) return std::nullopt;
    }
    return std::nullopt;
  }

  void list_all() {
    combination c(m_space.sizes.size(), 0);
    for (;;) {
      m_by_cost.emplace_back(m_space.cost(c), c);
      std::size_t i = c.size();
      while (i > 0 && ++c[i - 1] == m_space.sizes[i - 1]) c[--i] = 0;
      if (i == 0) break;
    }
    std::sort(m_by_cost.begin(), m_by_cost.end());
  }

  const search_space& m_space;
  std::map<combination, bool> m_known;
  std::vector<std::pair<std::uint64_t, combination>> m_by_cost;  // rising; what is left to look at
  search_result m_result;
};

}  // namespace

search_result search(const search_space& space) {
  constexpr std::size_t most = 1000000;
  std::size_t all = 1;
  for (const std::size_t n : space.sizes) {
    if (n == 0 || all > most / n) throw std::logic_error("too many combinations to search");
    all *= n;
  }
  return searcher(space).run();
}

}  // namespace svasim::advise
