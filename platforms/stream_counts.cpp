#include "platforms/stream_counts.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/bits.h"

namespace svasim::platforms {

std::string name_of_key(std::uint64_t key) {
  if (!base::bit(key, 63)) {
    const std::string stream = fmt::format("StreamID {:#x}", base::bits(key, 31, 0));
    return base::bit(key, 52) ? fmt::format("{} PASID {}", stream, base::bits(key, 51, 32))
                              : stream;
  }
  return fmt::format("ASID {} VMID {}", base::bits(key, 15, 0), base::bits(key, 31, 16));
}

void stream_counts::select(std::uint64_t key) {
  m_last_key = key;
  const auto it = m_find.find(key);
  if (it != m_find.end()) {
    m_last = it->second;
    return;
  }
  m_last = &m_beyond;
  if (m_rows.size() == kept) return;
  if (m_rows.size() == 1) m_rows.front()->counted = m_all();
  m_rows.push_back(std::make_unique<row>());
  m_rows.back()->key = key;
  m_last = &m_rows.back()->counted;
  m_find[key] = m_last;
  m_alone = m_rows.size() == 1;
}

nlohmann::json stream_counts::row_json(const figures& r, const std::string& name) {
  const stats::log_histogram& t = r.translation;
  return {{"name", name},
          {"requests", t.count()},
          {"faulted", r.faulted},
          {"whole_sum_ps", r.whole_ps},
          {"translation",
           {{"sum_ps", static_cast<std::uint64_t>(t.sum())},
            {"p50_ps", t.quantile(5000).value_or(0)},
            {"p99_ps", t.quantile(9900).value_or(0)},
            {"max_ps", t.max().value_or(0)}}}};
}

nlohmann::json stream_counts::to_json() const {
  nlohmann::json out = nlohmann::json::array();
  if (m_rows.size() == 1) {
    out.push_back(row_json(m_all(), name_of_key(m_rows.front()->key)));
    return out;
  }
  std::vector<const row*> rows;
  for (const auto& r : m_rows) rows.push_back(r.get());
  std::sort(rows.begin(), rows.end(), [](const row* a, const row* b) {
    const std::uint64_t of_a = a->counted.translation.count();
    const std::uint64_t of_b = b->counted.translation.count();
    return of_a != of_b ? of_a > of_b : a->key < b->key;
  });
  figures others = m_beyond;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const figures& f = rows[i]->counted;
    if (i < listed) {
      out.push_back(row_json(f, name_of_key(rows[i]->key)));
      continue;
    }
    others.whole_ps += f.whole_ps;
    others.faulted += f.faulted;
    others.translation += f.translation;
  }
  if (others.translation.count() != 0) out.push_back(row_json(others, "all others"));
  return out;
}

}  // namespace svasim::platforms
