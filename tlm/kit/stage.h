// What a transaction can be waiting for. A transaction is a sequence of (stage, time): entering a
// stage closes the one before, so the parts sum to the whole by construction. The breakdown, the
// report and the documentation all read this one list.
#pragma once

#include <array>
#include <cstdint>

#include "base/units.h"

namespace svasim::kit {

enum class stage_group : std::uint8_t { device, link, translation, memory };

/// In the order in which a transaction meets them; one of an ATS device is translated, and goes up
/// the link then.
enum class stage : std::uint8_t {
  device_issue,
  link_credit,
  link_queue_up,
  link_wire_up,
  root_complex_up,
  atc_wait,
  atc_lookup,
  atc_translation,
  atc_page_request,
  tbu_wait,
  tbu_lookup,
  tbu_hazard,
  tbu_token,
  tbu_dti_up,
  tcu_wait,
  tcu_lookup,
  tcu_walk_slot,
  tcu_walk_cache,
  tcu_walk_step,
  config_fetch,
  config_stage2,
  walk_s1_l0,
  walk_s1_l1,
  walk_s1_l2,
  walk_s1_l3,
  walk_s2_l0,
  walk_s2_l1,
  walk_s2_l2,
  walk_s2_l3,
  stalled,
  tbu_dti_down,
  tbu_release,
  tbu_egress,
  interconnect_up,
  slc_queue,
  slc,
  dram_queue,
  dram,
  interconnect_down,
  root_complex_down,
  link_queue_down,
  link_wire_down,
  count
};

constexpr std::size_t stage_count = static_cast<std::size_t>(stage::count);

struct stage_info {
  const char* name;   ///< as in result.json
  const char* label;  ///< for people
  stage_group group;
  const char* sentence;  ///< what is being waited for
};

/// Description of one stage; `s` below stage::count.
const stage_info& about(stage s);
const char* to_string(stage_group g);

/// Stage of a descriptor read; level 0..3.
constexpr stage walk_stage(unsigned translation_stage, unsigned level) {
  const auto first =
      static_cast<unsigned>(translation_stage == 1 ? stage::walk_s1_l0 : stage::walk_s2_l0);
  return static_cast<stage>(first + level);
}

/// The stages of one transaction in order, without allocation. A transaction with more than
/// `capacity` changes adds its further time to an earlier entry of the same stage.
class stage_log {
 public:
  static constexpr std::size_t capacity = 64;
  struct segment {
    stage what;
    base::duration length;
  };

  /// Start at `t` in stage `s`; forgets what was before.
  void start(stage s, base::duration t) {
    m_size = 0;
    m_current = s;
    m_since = m_start = t;
  }
  /// Leave the current stage at `t` for `s`. Throws std::logic_error where `t` is before the last
  /// change: a defect of the model.
  void enter(stage s, base::duration t) {
    if (t != m_since) append(t);
    m_current = s;
  }
  /// The end of the transaction at `t`.
  void finish(base::duration t) {
    if (t != m_since) append(t);
  }

  base::duration started() const { return m_start; }
  base::duration since() const { return m_since; }
  const segment* begin() const { return m_segments.data(); }
  const segment* end() const { return m_segments.data() + m_size; }

 private:
  // Not inline: a walk enters stages in twenty places, and the host's instruction cache is what
  // limits it.
  void append(base::duration t);
  void merge(base::duration length);
  [[noreturn]] void fail(base::duration t) const;

  std::array<segment, capacity> m_segments;
  std::uint32_t m_size = 0;
  stage m_current = stage::device_issue;
  base::duration m_since;
  base::duration m_start;
};

}  // namespace svasim::kit
