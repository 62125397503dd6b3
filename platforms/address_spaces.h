// The tables of the traced streams, kept by software as a trace asks for: one domain for each ASID
// and VMID, stage-1 leaves as the trace shows them, changed where the trace shows a change. All of
// it real bytes in memory, written by arch::table_builder.
#pragma once

#include <tsl/robin_map.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "arch/command.h"
#include "arch/registers.h"
#include "arch/table_builder.h"
#include "base/sparse_memory.h"
#include "platforms/platform_params.h"
#include "trace/record.h"

namespace svasim::platforms {

/// Where things lie in physical memory; far above what traces and generators name as output.
namespace layout {
constexpr base::pa tables{0x106000000000};  // in nested mode IPA 0x6000000000: fits 40 bits
constexpr base::byte_size tables_size = base::gib(256);
constexpr base::pa command_queue{0x700000000000};
constexpr base::pa event_queue{0x700001000000};
constexpr base::pa sync_word{0x700002000000};
/// Nested: PA of guest memory less its IPA.
constexpr std::uint64_t guest_offset = 0x100000000000;
}  // namespace layout

class address_spaces {
 public:
  /// Streams that `about` names are attached; more are when they show up. `memory` must outlive it.
  /// `has_atc` tells of a stream whether its device has an ATC; empty: none has.
  using atc_question = std::function<bool(base::stream_id)>;
  address_spaces(base::sparse_memory& memory, const tables_params& params,
                 const trace::summary& about, atc_question has_atc = {});

  /// Registers that make the SMMU use these tables.
  const arch::registers& registers() const { return m_registers; }

  /// What an access needs done to the tables before it can go.
  enum class need : std::uint8_t {
    nothing,  ///< mapped as recorded
    map,      ///< not mapped: a store will do
    remap,    ///< mapped otherwise: the old translation must be out of every TLB first
  };
  need check(const trace::record& access);
  /// Map it as the record says. Returns whether tables were unlinked (invalidation needs Leaf=0).
  arch::table_change map(const trace::record& access);
  /// An unmap by an address range in the address space of (asid, vmid).
  arch::table_change unmap(base::asid asid, base::vmid vmid, base::iova first, base::byte_size size,
                           bool free_tables);
  /// From now on the page around this address is mapped by a leaf of this level.
  void note_leaf(const trace::record& leaf);
  /// Map all of a generator's region.
  void map_region(const trace::region& region, base::byte_size page);

  /// The command that does for these tables what the recorded one did for its own. Only stage 2: a
  /// domain has no ASID but a VMID of its own, so that TLBI_NH_VA becomes TLBI_S2_IPA, and so on.
  arch::command_words command_for(const arch::command_words& recorded) const;
  bool has_stage1() const {
    return m_params.mode == arch::table_mode::stage1 || m_params.mode == arch::table_mode::nested;
  }

  /// ASID and VMID of a stream in the trace.
  struct tags {
    base::asid asid;
    base::vmid vmid;
  };
  tags tags_of(base::stream_id sid);
  bool ats() const { return static_cast<bool>(m_has_atc); }
  bool is_nested() const { return m_params.mode == arch::table_mode::nested; }
  /// The CMD_ATC_INVs that a driver sends for [first, last], to each stream with an ATC that has
  /// these tags; none given: to all streams. In order of StreamID.
  std::vector<arch::command> atc_invalidations(std::optional<tags> of, std::uint64_t first,
                                               std::uint64_t last) const;
  std::uint64_t changes() const { return m_changes; }

 private:
  void attach(base::stream_id sid, arch::domain_id domain, const tags& t);
  arch::domain_id domain_of(base::stream_id sid);
  arch::domain_id domain_for(base::asid asid, base::vmid vmid);
  std::uint64_t output_of(const trace::record& access) const;
  unsigned leaf_shift(arch::domain_id domain, const trace::record& access) const;

  const tables_params m_params;
  const atc_question m_has_atc;
  arch::registers m_registers;
  arch::table_builder m_tables;
  tsl::robin_map<std::uint32_t, arch::domain_id> m_domains;  // by VMID, ASID
  std::map<std::uint32_t, tags> m_with_atc;                  // by StreamID
  tsl::robin_map<std::uint32_t, std::pair<arch::domain_id, tags>> m_streams;
  tsl::robin_map<std::uint64_t, std::uint8_t> m_blocks;  // 2 MiB granule, domain -> shift
  std::uint64_t m_changes = 0;
  std::uint16_t m_next_asid = 0x8000;  // for streams the trace gives no tag
};

}  // namespace svasim::platforms
