// The memory of a random SMMU as software that keeps to the rules lays it out: every word comes
// from test::random_memory when it is first read, and then STEs and CDs are brought in line: one
// VMID has one stage 2, one ASID has one CD (Arm IHI 0070 3.17, 5.2), contiguous runs agree.
#pragma once

#include <map>
#include <stdexcept>

#include "arch/ste.h"
#include "arch/translation.h"
#include "arch/walk.h"
#include "platforms/scenario/scenario.h"
#include "tests/support/random_smmu.h"

namespace svasim::test {

/// One address is a structure here and a descriptor there: nothing can be said of this case.
class overlap_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class random_image {
 public:
  static constexpr unsigned machines = 4;  ///< VMIDs

  /// `s` gets each word when it is made, and must outlive this.
  random_image(const smmu_profile& profile, scenario::scenario& s);

  /// Make what `f` reads, where it is not there yet. `granule_shift` is that of the descriptor.
  void need(const arch::fetch_request& f, unsigned granule_shift);
  /// What is there now, and as which part of the tables it was made.
  base::sparse_memory& now() { return m_now; }
  /// Another make of the words of `f`; from the beginning, if nothing is recorded yet.
  void make_again(const arch::fetch_request& f, unsigned granule_shift, std::uint64_t salt);
  /// Write now, and to the image too while nothing is recorded.
  void write(std::uint64_t address, std::uint64_t word);
  /// From here on the image in the scenario keeps the words that it has.
  void begin_recording() { m_recording = true; }
  /// An ASID that no CD had; false where there is none left.
  bool fresh_asid(base::asid& out);

 private:
  static naive::read_kind kind_of(arch::fetch_kind kind);
  std::uint64_t raw(const arch::fetch_request& f, std::uint64_t address, std::uint64_t salt);
  std::uint64_t descriptor(const arch::fetch_request& f, unsigned granule_shift,
                           std::uint64_t salt);
  arch::structure_words structure(const arch::fetch_request& f, std::uint64_t salt);
  void settle_ste(arch::structure_words& words, std::uint64_t address);
  void settle_cd(arch::structure_words& words, std::uint64_t address);
  arch::ste make_machine(unsigned index);
  void put(const arch::fetch_request& f, unsigned granule_shift, std::uint64_t salt);

  smmu_profile m_profile;
  scenario::scenario& m_scenario;
  const arch::idr m_caps;
  base::sparse_memory m_now;
  std::map<std::uint64_t, arch::fetch_kind> m_made;  // by word
  std::map<std::uint64_t, std::uint64_t> m_runs;     // contiguous runs made again, with their salt
  std::map<std::uint64_t, base::asid> m_asids;       // by address of the CD
  std::vector<arch::ste> m_machines;
  std::uint32_t m_next_asid = 1;
  bool m_recording = false;
};

}  // namespace svasim::test
