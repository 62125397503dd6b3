// Stream table, CDs and translation tables written by hand, in any geometry of the architecture
// (DDI 0487 D8, IHI 0070 5): one stream, whose stage 2 maps every IPA to itself. Not made with
// arch::table_builder, which knows the layout of Linux only.
#pragma once

#include <cstdint>

#include "arch/registers.h"
#include "base/sparse_memory.h"

namespace svasim::validate {

struct stage_shape {
  unsigned granule_shift = 12;
  int start_level = 0;
  unsigned input_bits = 48;
};

struct table_shapes {
  bool nested = false;
  stage_shape s1, s2;
  bool two_level_streams = false;
  bool two_level_cds = false;
};

class hand_tables {
 public:
  static constexpr std::uint32_t sid = 1;

  hand_tables(base::sparse_memory& memory, const table_shapes& shapes);

  /// Registers of an SMMU that allows all these shapes, and finds the tables.
  arch::registers registers() const;
  /// Map one page of stage 1 to `output`, an IPA if nested, which stage 2 maps too.
  void map(std::uint64_t va, std::uint64_t output);
  /// A page of stage 1's granule for an output.
  std::uint64_t take_output();

 private:
  std::uint64_t take(std::uint64_t& next, std::uint64_t bytes);
  std::uint64_t take_table(unsigned stage);
  void put(unsigned stage, std::uint64_t root, std::uint64_t input, std::uint64_t output);
  void map_stage2(std::uint64_t ipa, std::uint64_t bytes);
  void write_stream_table();
  std::uint64_t write_cd();

  base::sparse_memory& m_memory;
  const table_shapes m_shapes;
  std::uint64_t m_next_ipa = 0x10000;    // what stage 2 maps
  std::uint64_t m_next_pa = 1ull << 33;  // what it does not
  std::uint64_t m_s1_root = 0, m_s2_root = 0;
  std::uint64_t m_stream_table = 0;
};

}  // namespace svasim::validate
