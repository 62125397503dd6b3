#include "analysis/breakdown.h"

#include <algorithm>

#include "analysis/text.h"

namespace svasim::analysis {
namespace {

breakdown_group& group_of(breakdown& b, stage_group g) {
  const auto it = std::find_if(b.groups.begin(), b.groups.end(),
                               [&](const breakdown_group& x) { return x.group == g; });
  if (it != b.groups.end()) return *it;
  b.groups.push_back({g, 0, 0, 0});
  return b.groups.back();
}

// First the groups, then the rows of each: a group's figures are then its own, not the sum of what
// its many small rows were rounded to.
void share_out(breakdown& b) {
  for (const breakdown_row& row : b.rows) {
    group_of(b, row.what->group).sum_ps += row.what->sum_ps;
  }
  std::vector<std::uint64_t> group_sums;
  for (const breakdown_group& g : b.groups) group_sums.push_back(g.sum_ps);
  const std::vector<std::uint64_t> group_shares = apportion(group_sums, breakdown::whole);
  const std::vector<std::uint64_t> group_means = apportion(group_sums, b.mean);
  for (std::size_t i = 0; i < b.groups.size(); ++i) {
    b.groups[i].share = group_shares[i];
    b.groups[i].mean = group_means[i];
    std::vector<breakdown_row*> rows;
    std::vector<std::uint64_t> sums;
    for (breakdown_row& row : b.rows) {
      if (row.what->group != b.groups[i].group) continue;
      rows.push_back(&row);
      sums.push_back(row.what->sum_ps);
    }
    const std::vector<std::uint64_t> shares = apportion(sums, group_shares[i]);
    const std::vector<std::uint64_t> means = apportion(sums, group_means[i]);
    for (std::size_t k = 0; k < rows.size(); ++k) {
      rows[k]->share = shares[k];
      rows[k]->mean = means[k];
    }
  }
}

}  // namespace

breakdown break_down(const result& r) {
  breakdown b;
  b.transactions = r.read.count + r.write.count;
  for (const stage& s : r.stages) {
    if (s.sum_ps == 0) {
      b.idle.push_back(s.label);
      continue;
    }
    b.rows.push_back({&s, 0, 0});
    b.sum_ps += s.sum_ps;
  }
  if (b.transactions != 0) {
    b.mean = scaled(b.sum_ps, 1, b.transactions * 10);
  }
  share_out(b);
  return b;
}

std::string part_text(std::uint64_t part) {
  return part == 0 ? "<0.01" : fixed_text(part, 2);
}

const char* group_name(stage_group g) {
  switch (g) {
    case stage_group::translation:
      return "translation";
    case stage_group::link:
      return "link";
    case stage_group::memory:
      return "memory";
    case stage_group::device:
      break;
  }
  return "device";
}

}  // namespace svasim::analysis
