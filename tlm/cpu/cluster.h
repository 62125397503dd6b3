// A cluster of cores on which software models run (kit::machine): run queues and interrupts as in
// scheduler.h, TLBs and a private cache each, accesses to memory through the interconnect and to
// device registers, broadcast TLB maintenance, and other work that takes a share of each core.
//
// An access is translated, then made. What a thread accesses is in the linear map of the host
// kernel, or, as long as it acts for a VMM, in that one's user space; system calls included, as the
// software's models do not tell them apart. Guests' accesses come through virtual_machine.
//
// Processor time is accounted to the actor that used it, to the ps: the sums over all actors and
// the busy areas of all cores are the same. A core that waits for memory or a register is busy.
//
// Leaves out: instructions, frequency changes and idle states, simultaneous multithreading, stores
// that do not wait.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <array>
#include <functional>
#include <memory>
#include <tlm>
#include <vector>

#include "arch/command.h"
#include "base/rng.h"
#include "base/sparse_memory.h"
#include "stats/histogram.h"
#include "tlm/cpu/core_caches.h"
#include "tlm/cpu/core_tlb.h"
#include "tlm/cpu/scheduler.h"
#include "tlm/kit/payload_pool.h"
#include "tlm/kit/time.h"

namespace svasim::cpu {

struct cluster_params {
  std::uint32_t cores = 8;
  base::frequency clock = base::mhz(2750);
  scheduling_params scheduling;
  tlb_params tlb;
  l2_params l2;
  base::duration mmio_read = base::ns(60);
  base::duration mmio_write = base::ns(30);
  base::duration broadcast = base::ns(100);
  std::uint32_t background_percent = 0;
  base::duration background_burst = base::us(100);
  std::uint64_t background_seed = 1;
  void describe(describe::visitor& v);
};

/// Processor time by actor.
struct cpu_time_stats : stats::group {
  explicit cpu_time_stats(stats::group* parent);
  stats::counter& of(kit::actor who) { return *m_of[static_cast<std::size_t>(who)]; }
  const stats::counter& of(kit::actor who) const { return *m_of[static_cast<std::size_t>(who)]; }
  stats::counter background{this, "background", "ps", "Used by background load."};

 private:
  std::array<std::unique_ptr<stats::counter>, static_cast<std::size_t>(kit::actor::count)> m_of;
};

struct cluster_stats : stats::group {
  explicit cluster_stats(stats::group* parent) : group(parent, "accesses") {}
  stats::counter reads{this, "reads", "accesses", "Reads of memory."};
  stats::counter writes{this, "writes", "accesses", "Writes of memory."};
  stats::counter register_reads{this, "register_reads", "accesses", "Reads of registers."};
  stats::counter register_writes{this, "register_writes", "accesses", "Writes of registers."};
  stats::counter errors{this, "errors", "accesses", "Accesses answered with an error."};
  stats::counter broadcasts{this, "broadcasts", "messages", "Broadcast TLB invalidations."};
  stats::histogram memory_time{this, "memory_time", "ps",
                               "An access to memory, translation included."};
};

class cluster final : public sc_core::sc_module, public scheduler {
 public:
  /// `bytes` is the memory behind `to_memory`, and must outlive the module.
  cluster(sc_core::sc_module_name name, const cluster_params& params, base::sparse_memory& bytes,
          stats::group* parent);
  ~cluster() override;

  tlm_utils::simple_initiator_socket<cluster> to_memory;
  tlm_utils::simple_initiator_socket<cluster> to_registers;

  /// Somebody outside wrote `bytes` (at least 1) at `at`: the cores' copies of these lines are
  /// gone.
  void written(base::pa at, std::uint64_t bytes = 1) {
    const std::uint64_t last = at.value() + (bytes - 1);
    for (std::uint64_t line = at.page(core_caches::line_shift);
         line <= last >> core_caches::line_shift; ++line) {
      m_caches->written(base::pa(line << core_caches::line_shift));
    }
  }
  /// Called for each write of memory, for the caches of other clusters.
  std::function<void(base::pa)> on_write;
  /// Sends a TLB invalidation and a DVM Sync; calls the function once that is answered. Empty:
  /// nobody takes part.
  std::function<void(const arch::command&, std::function<void()>)> on_broadcast;
  /// Called for each TLBI by a thread of this cluster, for the TLBs of other clusters; in no time.
  std::function<void(const arch::command&)> on_tlbi;
  /// A TLBI came from another cluster.
  void invalidate(const arch::command& tlbi);
  /// TLBI and DSB by `t`, a thread of this cluster: returns when they are complete everywhere.
  void broadcast(kit::task& t, const arch::command& tlbi);

  const cpu_time_stats& cpu_time() const { return m_time; }
  const cluster_stats& accesses() const { return m_stats; }
  const tlb_stats& tlb_of(unsigned core_index) const { return m_tlbs->statistics(core_index); }
  std::string processor_name() const override { return "core"; }

 private:
  class core;
  friend class virtual_machine;
  void access(thread& t, bool write, std::uint64_t address, void* data, std::uint32_t n) override;
  std::uint32_t device_access(thread& t, bool write, std::uint64_t address,
                              std::uint32_t value) override;
  /// An access in the address space of a guest by the host thread of its vCPU.
  void guest_access(thread& t, unsigned space, std::uint64_t ipa, bool write, base::pa at,
                    void* data, std::uint32_t n);
  void access_in(thread& t, unsigned space, std::uint64_t virtual_at, bool write, base::pa at,
                 void* data, std::uint32_t n);
  void translate(thread& t, unsigned space, std::uint64_t address);
  void cached(thread& t, bool write, base::pa at, void* data, std::uint32_t n);
  void through(thread& t, bool write, std::uint64_t address, void* data, std::uint32_t n);
  void account(thread& t, base::duration used);
  void add_background(unsigned index);

  const cluster_params m_params;
  base::sparse_memory& m_bytes;
  cpu_time_stats m_time;
  cluster_stats m_stats;
  std::vector<std::unique_ptr<core>> m_cores;
  std::unique_ptr<core_tlbs> m_tlbs;
  std::unique_ptr<core_caches> m_caches;
  kit::payload_pool m_pool;
};

}  // namespace svasim::cpu
