// Requests by stream: how many, and how long they and their translation took. A stream is a
// StreamID with its PASID, if it has one. The first 64 that appear are kept apart; those after them
// are counted together, so that memory stays bounded whatever a trace holds. As long as there is
// one stream its figures are those of all requests, which the device counts anyway, so that nothing
// is counted twice.
#pragma once

#include <tsl/robin_map.h>

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/units.h"
#include "stats/log_histogram.h"

namespace svasim::platforms {

/// "StreamID 0x8", "StreamID 0x8 PASID 5", "ASID 3 VMID 1", "VMID 1": a TLB tag or stream key of
/// tlm/smmu/stream_keys.h for people.
std::string name_of_key(std::uint64_t key);

class stream_counts {
 public:
  static constexpr std::size_t kept = 64;    ///< streams counted apart
  static constexpr std::size_t listed = 16;  ///< of them, shown apart

  struct figures {
    std::uint64_t whole_ps = 0;
    std::uint64_t faulted = 0;
    stats::log_histogram translation;
  };
  /// `all`: of all requests before the one that is added.
  explicit stream_counts(std::function<figures()> all) : m_all(std::move(all)) {}

  /// A finished request of the stream: its whole time, and the part that was translation. Called
  /// before it becomes part of what `all` says.
  void add(std::uint64_t key, base::duration whole, base::duration translation, bool ok) {
    if (alone(key)) return;
    if (key != m_last_key) select(key);
    if (m_alone) return;
    figures& r = *m_last;
    r.whole_ps += whole.value();
    r.faulted += !ok;
    r.translation.add(translation.value());
  }
  /// Whether there is no other stream than `key`, so that add() has nothing to do.
  bool alone(std::uint64_t key) const { return m_alone && key == m_last_key; }
  /// Most requests first: [{"name", "requests", "faulted", "whole_sum_ps",
  /// "translation": {"sum_ps", "p50_ps", "p99_ps", "max_ps"}}]; the last, "all others", is the rest
  /// where there are more than `listed`. Sums over all rows are those of the whole run.
  nlohmann::json to_json() const;

 private:
  struct row {
    std::uint64_t key = 0;
    figures counted;
  };
  void select(std::uint64_t key);
  static nlohmann::json row_json(const figures& r, const std::string& name);

  std::function<figures()> m_all;
  std::vector<std::unique_ptr<row>> m_rows;
  figures m_beyond;  // streams that came when `kept` others had been seen
  tsl::robin_map<std::uint64_t, figures*> m_find;
  std::uint64_t m_last_key = ~std::uint64_t{0};  // no stream: bit 63 is that of an address space
  figures* m_last = nullptr;
  bool m_alone = false;  // there is one stream
};

}  // namespace svasim::platforms
