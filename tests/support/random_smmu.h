// Random SMMUs to translate with: registers, a query, and a memory that makes up each word when it
// is first read, from the seed, the address and what the word is for. Most of it is legal, so that
// walks get somewhere; the rest is anything. Two memories of one seed hold the same.
#pragma once

#include <cstdint>
#include <map>

#include "base/rng.h"
#include "naive_walker.h"

namespace svasim::test {

/// What the words of a case agree on.
struct smmu_profile {
  naive::registers regs{};
  naive::query query;
  std::uint64_t seed = 0;
  unsigned config = 7;  ///< STE.Config
  bool s1_ds = false, s2_ds = false;
  unsigned s1_granule[2] = {12, 12};
  unsigned tsz[2] = {16, 16};
  unsigned s2_granule = 12;
  unsigned s2_t0sz = 16;
  unsigned s2_sl0 = 0;
  bool s2_sl0_2 = false;
  unsigned oas = 48;
  unsigned stall_model = 0;
  unsigned httu = 0;
  bool cd_tables = false;

  unsigned s1_output_bits() const;
  unsigned s2_output_bits() const;
};
smmu_profile random_smmu(std::uint64_t seed);

class random_memory : public naive::memory {
 public:
  explicit random_memory(const smmu_profile& profile) : m_profile(profile) {}
  bool read(naive::read_kind kind, int level, std::uint64_t address, std::uint64_t& out) override;
  /// Now and then somebody else has changed the word before.
  std::uint64_t swap(std::uint64_t address, std::uint64_t expected, std::uint64_t desired) override;
  const std::map<std::uint64_t, std::uint64_t>& words() const { return m_words; }

 private:
  std::uint64_t make(naive::read_kind kind, int level, std::uint64_t address) const;
  std::uint64_t ste_word(base::rng& rng, unsigned index) const;
  std::uint64_t ste_word2(base::rng& rng) const;
  std::uint64_t cd_word(base::rng& rng, unsigned index) const;
  std::uint64_t cd_word0(base::rng& rng) const;
  std::uint64_t descriptor(base::rng& rng, bool s1, int level) const;

  smmu_profile m_profile;
  std::map<std::uint64_t, std::uint64_t> m_words;
  unsigned m_swaps = 0;
};

}  // namespace svasim::test
