#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "analysis/reuse/reuse.h"
#include "analysis/text.h"
#include "base/units.h"

namespace svasim::reuse {
namespace {

using analysis::count_text;
using analysis::percent_text;
using curves = std::vector<curve>::const_iterator;

template <class... A>
void add(std::string& out, fmt::format_string<A...> format, A&&... arguments) {
  fmt::format_to(std::back_inserter(out), format, std::forward<A>(arguments)...);
}

std::string kind(const curve& c) {
  return c.ways == 0 ? "fully associative" : fmt::format("{}-way", c.ways);
}
const char* rule(const curve& c) {
  return c.invalidations ? "invalidations" : "none invalidated";
}
std::string name(const curve& c) {
  return kind(c) + (c.invalidations ? ", with invalidations" : ", none invalidated");
}

const miss_point* point_at(const curve& c, std::uint64_t entries) {
  const auto p = std::find_if(c.points.begin(), c.points.end(),
                              [&](const miss_point& m) { return m.entries == entries; });
  return p == c.points.end() ? nullptr : &*p;
}

// Misses of the curves of one scope side by side; the first has every size.
void add_misses(std::string& out, curves first, curves last) {
  add(out, "{:>9}", "");
  for (auto c = first; c != last; ++c) add(out, " {:>21}", kind(*c));
  add(out, "\n{:>9}", "entries");
  for (auto c = first; c != last; ++c) add(out, " {:>21}", rule(*c));
  out += "\n";
  for (const miss_point& row : first->points) {
    add(out, "{:>9}", count_text(row.entries));
    for (auto c = first; c != last; ++c) {
      const miss_point* p = point_at(*c, row.entries);
      add(out, " {:>12} {:>8}", p == nullptr ? "" : count_text(p->misses),
          p == nullptr ? "" : percent_text(p->misses, c->accesses, 2));
    }
    out += "\n";
  }
}

void add_knee(std::string& out, const curve& c) {
  if (c.ways != 0 || c.accesses == 0) return;
  add(out,
      "  {}: without limit {} misses; {} {} within 1 % of accesses of that, {} no more than that\n",
      name(c), count_text(c.floor), count_text(c.entries_near),
      c.entries_near == 1 ? "entry misses" : "entries miss", count_text(c.entries_full));
}

void add_causes(std::string& out, const curve& c) {
  add(out, "  {}\n{:>9} {:>13} {:>13} {:>13} {:>13} {:>13}\n", name(c), "entries", "misses",
      "compulsory", "coherence", "capacity", "conflict");
  for (const miss_point& p : c.points) {
    const auto conflict = static_cast<std::uint64_t>(p.conflict < 0 ? -p.conflict : p.conflict);
    add(out, "{:>9} {:>13} {:>13} {:>13} {:>13} {:>13}\n", count_text(p.entries),
        count_text(p.misses), count_text(p.compulsory), count_text(p.coherence),
        count_text(p.capacity), (p.conflict < 0 ? "-" : "") + count_text(conflict));
  }
}

void add_sample(std::string& out, const curve& c) {
  const sampled_curve& s = *c.sample;
  add(out,
      "  {}, estimated from {} accesses to {} pages; mean absolute error of the miss ratio "
      "{} %\n{:>9} {:>13} {:>13}\n",
      name(c), count_text(s.accesses), count_text(s.distinct_pages),
      analysis::fixed_text(s.mean_absolute_error_ppm, 4), "entries", "exact", "estimated");
  for (std::size_t i = 0; i < s.points.size(); ++i) {
    add(out, "{:>9} {:>13} {:>13}\n", count_text(s.points[i].entries),
        count_text(c.points[i].misses), count_text(s.points[i].misses));
  }
}

}  // namespace

std::string text(const result& r, bool causes) {
  std::string out;
  for (auto first = r.curves.begin(); first != r.curves.end();) {
    const auto last = std::find_if(first, r.curves.end(), [&](const curve& c) {
      return c.scope != first->scope || c.page_bytes != first->page_bytes;
    });
    add(out, "{}, pages of {}: {} accesses to {} pages; misses with LRU\n", first->scope,
        to_string(base::bytes(first->page_bytes)), count_text(first->accesses),
        count_text(first->distinct_pages));
    add_misses(out, first, last);
    for (auto c = first; c != last; ++c) add_knee(out, *c);
    for (auto c = first; c != last; ++c) {
      if (causes) add_causes(out, *c);
    }
    for (auto c = first; c != last; ++c) {
      if (c->sample) add_sample(out, *c);
    }
    out += "\n";
    first = last;
  }
  return out;
}

}  // namespace svasim::reuse
