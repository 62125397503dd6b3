// Made-up DMA: a workload described in JSON instead of a recorded trace. Several devices (streams)
// take turns; each has an address space of its own, in which the same range of I/O virtual
// addresses leads, by a constant offset, to output addresses of its own. The mapping never changes:
// no commands. Leaves out: SubstreamIDs, unequal streams, bursts.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/rng.h"
#include "base/units.h"
#include "describe/visitor.h"
#include "trace/record.h"

namespace svasim::workloads {

enum class access_pattern : std::uint8_t {
  sequential,  ///< one length after the other, round the footprint
  strided,     ///< one stride after the other, round the footprint
  random,      ///< uniform over the footprint
  hot_cold,    ///< uniform over the footprint, or, with cold_ppm, over the cold footprint behind it
};

enum class mapping_size : std::uint8_t { page_4k, block_2m, block_1g };

struct generator_params {
  access_pattern pattern = access_pattern::random;
  std::uint64_t accesses = 1000000;  ///< of all streams together
  base::byte_size length = base::bytes(64);
  base::byte_size footprint = base::mib(64);
  base::byte_size stride = base::kib(4);
  base::byte_size cold_footprint = base::gib(1);
  std::uint32_t cold_ppm = 10000;
  std::uint32_t write_ppm = 0;
  mapping_size mapping = mapping_size::page_4k;
  base::byte_size address = base::gib(4);
  base::byte_size output = base::gib(256);
  std::uint32_t streams = 1;
  std::uint32_t first_stream = 8;
  std::uint32_t first_asid = 1;
  base::duration interval;
  std::uint64_t seed = 1;

  void describe(describe::visitor& v);
  base::byte_size page_size() const;
  /// What a stream maps: the footprint, and the cold one behind it, in whole pages.
  base::byte_size region_size() const;
};

/// Throws base::input_error with every problem of the file.
generator_params read_workload(const std::string& path);

class generator final : public trace::source {
 public:
  /// `params` as read_workload gives them: within their ranges and rules.
  explicit generator(const generator_params& params);
  bool next(trace::record& out) override {
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
      case access_pattern::random:
        break;
      case access_pattern::hot_cold:
        if (m_rng.chance(m_params.cold_ppm, million)) {
          return m_cold_start + (m_rng.below(m_cold_slots) << m_length_shift);
        }
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
  generator_params m_params;
  trace::summary m_summary;
  base::rng m_rng;
  std::vector<stream> m_streams;
  std::size_t m_turn = 0;
  std::uint64_t m_made = 0;
  base::duration m_time;
  trace::record m_blank;
  unsigned m_length_shift;
  std::uint64_t m_slots;
  std::uint64_t m_cold_slots;
  std::uint64_t m_cold_start;
};

}  // namespace svasim::workloads
