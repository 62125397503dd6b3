// Made-up DMA: a workload described in JSON (generator_params.h) instead of a recorded trace.
// Several devices (streams) take turns; each has an address space of its own, in which the same
// range of I/O virtual addresses leads, by a constant offset, to output addresses of its own. But
// for unmap_storm the mapping never changes. Leaves out: SubstreamIDs, streams unlike each other.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/rng.h"
#include "trace/record.h"
#include "workloads/device_steps.h"
#include "workloads/generator_params.h"
#include "workloads/record_runs.h"
#include "workloads/turns.h"

namespace svasim::workloads {

class generator final : public trace::source {
 public:
  /// `params` as read_workload gives them: within their ranges and rules. Unless they are simple,
  /// all of it is made once before, to know the summary.
  explicit generator(const generator_params& params);
  generator(const generator&) = delete;
  generator& operator=(const generator&) = delete;

  bool next(trace::record& out) override {
    if (!m_simple) return next_of_steps(out);
    if (m_made == m_params.accesses) return false;
    make(out);
    return true;
  }
  /// Up to `n` records at once; fewer only at the end.
  std::size_t fill(trace::record* out, std::size_t n);
  const trace::summary& about() const override { return m_summary; }

 private:
  struct stream {
    base::stream_id sid;
    std::uint64_t output;
    std::uint64_t position = 0;
  };

  void summarise();
  void rehearse();
  void start();
  bool next_of_steps(trace::record& out);
  void make(trace::record& out) {
    stream& s = m_streams[m_turn];
    if (++m_turn == m_streams.size()) m_turn = 0;
    const std::uint64_t offset = next_offset(s);
    out = m_blank;
    out.sid = s.sid;
    out.address = base::iova(m_params.address.value() + offset);
    out.output = s.output + offset;
    out.write = m_params.write_ppm != 0 && m_rng.chance(m_params.write_ppm, million);
    out.time = m_time;
    out.line = ++m_made;
    m_time += m_params.interval;
  }
  std::uint64_t next_offset(stream& s) {
    switch (m_params.pattern) {
      case access_pattern::sequential:
        return advance(s, m_params.length.value());
      case access_pattern::strided:
        return advance(s, m_params.stride.value());
      case access_pattern::hot_cold:
        if (m_rng.chance(m_params.cold_ppm, million)) {
          return m_cold_start + (m_rng.below(m_cold_slots) << m_length_shift);
        }
        break;
      default:
        break;
    }
    return m_rng.below(m_slots) << m_length_shift;
  }
  std::uint64_t advance(stream& s, std::uint64_t step) const {
    const std::uint64_t offset = s.position;
    s.position += step;
    if (s.position >= m_params.footprint.value()) s.position -= m_params.footprint.value();
    return offset;
  }

  static constexpr std::uint64_t million = 1000000;
  const generator_params m_params;
  const bool m_simple;
  trace::summary m_summary;
  base::rng m_rng;
  std::vector<stream> m_streams;
  std::size_t m_turn = 0;
  std::uint64_t m_made = 0;  // accesses
  base::duration m_time;
  trace::record m_blank;
  unsigned m_length_shift;
  std::uint64_t m_slots;
  std::uint64_t m_cold_slots;
  std::uint64_t m_cold_start;

  // Unless simple.
  turns m_turns;
  std::vector<std::unique_ptr<device_steps>> m_steps;  // by stream
  record_runs m_waiting;
  std::uint64_t m_records = 0;
};

/// A workload as a trace: what is mapped by blocks is told in leaf records before the accesses.
class generated_trace final : public trace::source {
 public:
  explicit generated_trace(const generator_params& params);
  bool next(trace::record& out) override;
  const trace::summary& about() const override { return m_summary; }

 private:
  generator m_generator;
  trace::summary m_summary;
  std::size_t m_region = 0;
  std::uint64_t m_into = 0;  // the region
};

}  // namespace svasim::workloads
