// Sums of stage logs: where the time of all transactions went. The sums add up to the total latency
// of the transactions recorded, exactly.
#pragma once

#include <array>

#include "stats/histogram.h"
#include "tlm/kit/stage.h"

namespace svasim::kit {

class breakdown {
 public:
  struct total {
    std::uint64_t sum_ps = 0;
    std::uint64_t count = 0;   ///< transactions that spent time there
    std::uint64_t max_ps = 0;  ///< longest single stay
  };

  /// Add a finished transaction; returns the part of it that was translation.
  base::duration add(const stage_log& log) {
    std::uint64_t translation = 0;
    for (const stage_log::segment& s : log) {
      const auto i = static_cast<std::size_t>(s.what);
      total& t = m_totals[i];
      const std::uint64_t ps = s.length.value();
      t.sum_ps += ps;
      t.count += 1;
      t.max_ps = ps > t.max_ps ? ps : t.max_ps;
      translation += ps & (std::uint64_t{0} - static_cast<std::uint64_t>(is_translation(i)));
    }
    return base::duration(translation);
  }
  const total& of(stage s) const { return m_totals[static_cast<std::size_t>(s)]; }

 private:
  static constexpr bool is_translation(std::size_t i) {
    return i >= static_cast<std::size_t>(stage::atc_wait) &&
           i <= static_cast<std::size_t>(stage::tbu_dti_down);
  }
  std::array<total, stage_count> m_totals{};
};

}  // namespace svasim::kit
