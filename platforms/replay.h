// Replays a trace in front of a DMA engine, playing the software of the recorded machine: it makes
// the tables say what each access found, hands invalidation commands to the SMMU driver in their
// place, and holds back what must wait.
//
// What waits (a real driver waits for the same): an unmap, until the accesses to its range that are
// under way are done; a flush by ASID or of everything, likewise for all accesses it covers; a
// change of configuration (CFGI), until the device is quiet, and every access after it until its
// CMD_SYNC; an access to a page named in an unfinished invalidation, until its CMD_SYNC is; an
// access that shows a new output address for a mapped page, until accesses to the page are done and
// no command is outstanding. Other accesses overtake commands, unless `in_order` (one at a time).
//
// Where the devices have ATCs, a driver invalidates those too: CMD_ATC_INV for each stream, behind
// the CMD_SYNC of the TLBs, with a CMD_SYNC of its own (Linux arm_smmu_tlb_inv_range_domain).
//
// A trace with strict invalidation unmaps at the logged TLBI range. One with lazy invalidation
// shows no unmap, so the table changes at the first access with a new address; if no flush came
// since the page was last used, the replay invalidates it itself and counts that.
#pragma once

#include <tsl/robin_map.h>

#include <exception>
#include <map>
#include <vector>

#include "arch/command.h"
#include "platforms/address_spaces.h"
#include "platforms/smmu_drivers.h"
#include "trace/feed.h"
#include "trace/record.h"

namespace svasim::platforms {

class replay final : public trace::feed {
 public:
  /// All references must outlive it. `in_order`: every command completes before the next access.
  replay(trace::source& from, address_spaces& spaces, bool in_order);

  /// Where commands go; must be set before time starts.
  void set_driver(smmu_drivers& driver);

  /// Throws base::input_error with the line of the trace (and its name where the source knows it).
  trace::pull next(trace::record& out) override;
  void completed(const trace::record& access) override;
  bool wants_completions() const override { return !m_static; }
  void on_ready(std::function<void()> wake) override { m_wake = std::move(wake); }

  struct counts {
    std::uint64_t commands = 0;
    std::uint64_t events = 0;
    std::uint64_t forced_invalidations = 0;  ///< remaps without a flush in the trace
    std::uint64_t atc_invalidations = 0;     ///< CMD_ATC_INVs that the replay added
    std::map<std::string, std::uint64_t> by_opcode;
  };
  const counts& statistics() const { return m_counts; }
  /// What next() threw: SystemC hands on no more than its text.
  std::exception_ptr failure() const { return m_failure; }

 private:
  struct range {
    base::asid asid;
    base::vmid vmid;
    std::uint64_t first, last;
    bool contains(const address_spaces::tags& t, std::uint64_t address) const {
      return t.asid == asid && t.vmid == vmid && address >= first && address <= last;
    }
  };

  enum class outcome { go, wait };
  void hand_out(trace::record& out) const;
  trace::pull advance(trace::record& out);
  outcome command();
  bool flush_too_early(const arch::command& c);
  outcome unmap(const arch::command& c);
  outcome access();
  outcome remap();
  bool submit(const arch::command_words& words);
  bool synchronise(const arch::command_words& sync);
  void note_atc(const arch::command& c, std::uint64_t first, std::uint64_t last);
  bool settle();
  bool in_flight(const range& r);
  void note_use();

  trace::source& m_source;
  address_spaces& m_spaces;
  const bool m_in_order;
  const bool m_lazy;
  const bool m_static;  // all mapped up front, no commands: nothing to look after
  smmu_drivers* m_driver = nullptr;
  std::function<void()> m_wake;
  trace::record m_record;
  bool m_have_record = false;
  bool m_config_pending = false;  // a CFGI whose CMD_SYNC is not complete
  bool m_unsynced = false;        // commands without a CMD_SYNC behind them
  std::vector<trace::record> m_under_way;
  std::vector<range> m_pending;      // ranges whose invalidation is not complete
  std::vector<arch::command> m_atc;  // CMD_ATC_INVs due behind the next CMD_SYNC
  std::uint32_t m_flushes = 1;
  tsl::robin_map<std::uint64_t, std::uint32_t> m_last_use;  // lazy: page of a stream -> flush count
  counts m_counts;
  std::exception_ptr m_failure;
};

}  // namespace svasim::platforms
