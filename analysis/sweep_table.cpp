#include "analysis/sweep_table.h"

#include <algorithm>
#include <numeric>

#include "analysis/text.h"

namespace svasim::analysis {
namespace {

// A mean in the making; 128 bits, as a million points of hours in ps do not fit in 64.
struct running_mean {
  __extension__ unsigned __int128 sum = 0;
  std::uint64_t count = 0;
  void add(std::uint64_t v, std::uint64_t times = 1) {
    sum += static_cast<unsigned __int128>(v) * times;
    count += times;
  }
  std::uint64_t value() const { return static_cast<std::uint64_t>((sum + count / 2) / count); }
};

struct group {
  design d;
  running_mean metric, storage;
};

}  // namespace

std::optional<std::size_t> sweep_table::find(const std::string& metric_name) const {
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    if (metrics[i].name == metric_name) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> sweep_table::main_metric() const {
  if (const auto p99 = find("translation_p99")) return p99;
  if (metrics.empty()) return std::nullopt;
  return 0;
}

bool more_is_better(const sweep_table::metric& m) {
  return m.unit == "bytes/s";
}

std::vector<design> designs_of(const sweep_table& t, std::size_t metric) {
  const std::optional<std::size_t> storage = t.find("storage_bits");
  std::vector<group> groups;
  std::map<std::vector<std::uint32_t>, std::size_t> found;
  for (const sweep_table::point& p : t.points) {
    if (!p.metrics[metric] || (storage && !p.metrics[*storage])) continue;
    std::vector<std::uint32_t> key = p.values;
    for (std::size_t i = 0; i < key.size(); ++i) {
      if (t.axes[i].repeat) key[i] = 0;
    }
    const auto [at, fresh] = found.emplace(key, groups.size());
    if (fresh) {
      groups.emplace_back();
      groups.back().d.values = std::move(key);
    }
    group& g = groups[at->second];
    g.metric.add(*p.metrics[metric]);
    g.storage.add(storage ? *p.metrics[*storage] : 0);
  }
  std::vector<design> out;
  for (group& g : groups) {
    g.d.metric = g.metric.value();
    g.d.storage = g.storage.value();
    g.d.points = g.metric.count;
    out.push_back(std::move(g.d));
  }
  return out;
}

std::vector<std::size_t> pareto_front(const std::vector<design>& all, bool more_is_better) {
  const auto better = [&](std::uint64_t a, std::uint64_t b) {
    return more_is_better ? a > b : a < b;
  };
  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (all[a].storage != all[b].storage) return all[a].storage < all[b].storage;
    return better(all[a].metric, all[b].metric);
  });
  std::vector<std::size_t> front;
  for (const std::size_t i : order) {
    if (front.empty() || better(all[i].metric, all[front.back()].metric)) front.push_back(i);
  }
  return front;
}

std::vector<axis_effect> effects_of(const sweep_table& t, const std::vector<design>& designs) {
  std::vector<axis_effect> out;
  for (std::size_t a = 0; a < t.axes.size(); ++a) {
    if (t.axes[a].repeat) continue;
    std::vector<running_mean> means(t.axes[a].values.size());
    for (const design& d : designs) means[d.values[a]].add(d.metric, d.points);
    axis_effect e;
    e.axis = a;
    std::size_t seen = 0;
    for (std::size_t v = 0; v < means.size(); ++v) {
      e.means.emplace_back();
      if (means[v].count == 0) continue;
      e.means[v] = means[v].value();
      if (seen++ == 0) e.lowest = e.highest = v;
      if (*e.means[v] < *e.means[e.lowest]) e.lowest = v;
      if (*e.means[v] > *e.means[e.highest]) e.highest = v;
    }
    if (seen < 2) continue;
    e.spread = *e.means[e.highest] - *e.means[e.lowest];
    out.push_back(std::move(e));
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const axis_effect& a, const axis_effect& b) { return a.spread > b.spread; });
  return out;
}

}  // namespace svasim::analysis
