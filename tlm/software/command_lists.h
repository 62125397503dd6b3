// How the host's kernel uses the command queue from any number of threads (Linux arm-smmu-v3,
// arm_smmu_cmdq_issue_cmdlist; vsva-flow.md section 8): a list of commands reserves its places,
// writes its entries, is published in order with PROD, and the last command, a CMD_SYNC, is waited
// for by polling CONS or the word that its MSI writes. Reserving is a compare-and-swap loop: each
// turn costs more, the more threads are at it.
//
// Leaves out: the owner that publishes for others (each list publishes itself, in order), WFE but
// for its cost.
#pragma once

#include "arch/command.h"
#include "base/address.h"
#include "describe/visitor.h"
#include "stats/counter.h"
#include "stats/histogram.h"
#include "tlm/kit/task.h"
#include "tlm/software/locks.h"

namespace svasim::software {

enum class command_completion : std::uint8_t { poll, msi };

struct command_lists_params {
  base::duration prepare = base::ns(20);
  base::duration reserve = base::ns(40);
  base::duration contention = base::ns(8);
  base::duration poll = base::ns(20);
  base::duration msi_wake = base::ns(0);
  std::uint32_t batch = 64;
  command_completion completion = command_completion::poll;
  void describe(describe::visitor& v);
};

struct command_lists_stats : stats::group {
  command_lists_stats(stats::group* parent, const char* name) : group(parent, name) {}
  stats::counter commands{this, "commands", "commands", "Commands written to the queue."};
  stats::counter lists{this, "lists", "lists", "Lists of commands."};
  stats::counter syncs{this, "syncs", "commands", "CMD_SYNCs waited for."};
  stats::counter full{this, "queue_full", "lists", "Lists that found the queue full."};
  stats::counter polls{this, "polls", "reads", "Reads while waiting for a CMD_SYNC or for room."};
  stats::histogram list_time{this, "list_time", "ps", "To issue a list, its CMD_SYNC included."};
  stats::histogram sync_time{this, "sync_time", "ps", "From PROD until its CMD_SYNC was seen."};
};

class command_lists {
 public:
  struct ring {
    std::uint64_t base = 0;       ///< PA of the queue
    std::uint32_t entries = 0;    ///< a power of two
    std::uint64_t registers = 0;  ///< PA of the SMMU's page 0, or of an ECMDQ's registers
    std::uint64_t prod = 0x98;    ///< offsets there (IHI 0070 6.1)
    std::uint64_t cons = 0x9c;
    std::uint32_t prod_flags = 0;  ///< set in PROD: EN of an ECMDQ
    std::uint64_t msi = 0;         ///< PA of words that CMD_SYNC writes, 64 bytes for each thread
  };
  command_lists(const command_lists_params& params, const ring& where, stats::group* parent,
                const char* stats_name = "commands");

  /// Write `n` commands, at most params.batch, and a CMD_SYNC if `sync`, which is then waited for.
  void issue(kit::task& t, const arch::command* commands, std::size_t n, bool sync);
  void issue(kit::task& t, const arch::command& c, bool sync) { issue(t, &c, 1, sync); }
  const command_lists_params& params() const { return m_params; }
  const command_lists_stats& statistics() const { return m_stats; }
  /// Lists that are being written or waited for.
  std::uint64_t busy() const { return m_busy; }

 private:
  std::uint32_t reserve(kit::task& t, std::uint32_t n);
  void write(kit::task& t, std::uint32_t index, const arch::command& c);
  void publish(kit::task& t, std::uint32_t start, std::uint32_t end);
  void wait_for(kit::task& t, std::uint32_t end, std::uint32_t msi_number, std::uint64_t msi);
  bool passed(std::uint32_t end) const;
  void read_cons(kit::task& t);
  std::uint32_t mask() const { return 2 * m_ring.entries - 1; }

  const command_lists_params m_params;
  const ring m_ring;
  command_lists_stats m_stats;
  spin_lock m_reserving;
  std::uint32_t m_prod = 0;       // reserved up to
  std::uint32_t m_published = 0;  // PROD
  std::uint32_t m_cons = 0;       // as last read
  std::uint32_t m_sync_number = 0;
  std::uint64_t m_busy = 0;
};

}  // namespace svasim::software
