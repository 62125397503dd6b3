// The tree of statistics. A block derives its statistics struct from `group` (or holds one) and
// names its members once, with unit and sentence; reset, warm-up, JSON and documentation follow
// from that:
//
//   struct tlb_stats : stats::group {
//     explicit tlb_stats(group* parent) : group(parent, "tlb") {}
//     stats::counter hits{this, "hits", "accesses", "Lookups that found a translation."};
//   };
//
// Registration may allocate, recording never does. A statistic that dies leaves its group, and a
// group that dies first leaves its members standing alone, so neither can dangle.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/units.h"

namespace svasim::stats {

class group;

/// Which part of a run a value describes.
enum class span : std::uint8_t {
  whole,           ///< since construction or the last reset()
  since_snapshot,  ///< since the last snapshot(): the run without its warm-up
};

/// What one statistic is, for the reference and for readers of a result.
struct documentation {
  std::string path;      ///< "smmu.tbu0.utlb.hits"
  std::string kind;      ///< "counter", "histogram", "occupancy"
  std::string unit;      ///< "ps", "accesses"
  std::string sentence;  ///< one English sentence with its full stop
};

/// What every statistic has. The virtual functions serve the writers; recording is inline in the
/// derived classes.
class statistic {
 public:
  /// `owner` may be null: the statistic then counts for itself and appears in no result. Throws
  /// std::invalid_argument where the name is empty, holds a '.', or is taken in `owner`.
  statistic(group* owner, std::string name, std::string unit, std::string sentence);
  virtual ~statistic();
  statistic(const statistic&) = delete;
  statistic& operator=(const statistic&) = delete;

  const std::string& name() const { return m_about->name; }
  const std::string& unit() const { return m_about->unit; }
  const std::string& sentence() const { return m_about->sentence; }

  virtual const char* kind() const = 0;
  /// Forget what was recorded; `now` starts the time of what depends on time.
  virtual void reset(base::duration now) = 0;
  /// Start the span `since_snapshot`; what was recorded before stays in `whole`.
  virtual void snapshot(base::duration now) = 0;
  /// Account for the time up to `now`; only statistics that depend on time do something.
  virtual void settle(base::duration) {}
  virtual nlohmann::json to_json(span which) const = 0;

 private:
  friend class group;
  struct description {
    std::string name, unit, sentence;
  };
  std::unique_ptr<const description> m_about;  // aside: keeps what is recorded dense
  group* m_group;
};

/// A named set of statistics and further groups.
class group {
 public:
  /// The root of a tree. Throws std::invalid_argument for a bad name, as statistic does.
  explicit group(std::string name) : group(nullptr, std::move(name)) {}
  /// A branch of `parent`; a null parent makes a root.
  group(group* parent, std::string name);
  ~group();
  group(const group&) = delete;
  group& operator=(const group&) = delete;

  const std::string& name() const { return m_name; }
  /// Names from below the root down to this group, joined by '.'; empty for the root, whose name is
  /// the same for every statistic.
  std::string path() const;

  /// These act on everything below. Times are absolute simulated times and must not go back.
  void reset(base::duration now);
  void snapshot(base::duration now);
  void settle(base::duration now);

  /// {"name": value, ...} with sorted keys and integers only. Call settle(now) before, so that the
  /// statistics that depend on time reach up to the present.
  nlohmann::json to_json(span which = span::whole) const;
  /// Every statistic below, sorted by path.
  std::vector<documentation> document() const;

 private:
  friend class statistic;
  void check_name(const std::string& name) const;
  template <class F>
  void for_each(const F& f) const;

  std::string m_name;
  group* m_parent;
  std::vector<group*> m_groups;          // not owned: they sign off in their destructor
  std::vector<statistic*> m_statistics;  // likewise
};

}  // namespace svasim::stats
