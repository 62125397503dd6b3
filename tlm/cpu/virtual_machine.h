// A virtual machine whose vCPUs are threads of a cluster (kit::machine; KVM on arm64). Guest tasks
// are scheduled on vCPUs as host threads are on cores, and use the time of the vCPU's host thread:
// they stand still while that is preempted. A vCPU with nothing to run exits and its thread sleeps.
//
// An interrupt() for a vCPU that runs makes it exit (kick, exit, list register, entry); one that is
// in the host anyway takes it along on entry; a halted one is woken. With direct injection a vCPU
// that runs pays nothing. Who calls interrupt() pays for the call itself.
//
// A register access traps where trap() says so: in the host kernel, or on to user space. A memory
// access goes through stage 2, and the host serves the fault where there is nothing.
//
// Guest tasks are accounted to their own actor, exits to HK, what goes on to user space to VMM.
//
// The guest's kernel has an address space of its own in the TLBs of the cores (core_tlb.h), by
// VMID: its linear map, through both stages.
//
// Leaves out: timer interrupts, priorities and groups of interrupts, nested virtualisation.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/address.h"
#include "stats/counter.h"
#include "stats/histogram.h"
#include "tlm/cpu/cluster.h"
#include "tlm/cpu/vm_params.h"

namespace svasim::cpu {

struct vm_stats : stats::group {
  explicit vm_stats(stats::group* parent) : group(parent, "exits") {}
  stats::counter hypercalls{this, "hypercalls", "exits", "Exits for a hypercall."};
  stats::counter kernel{this, "kernel_mmio", "exits", "Register accesses the kernel served."};
  stats::counter user{this, "user_mmio", "exits", "Register accesses that went to user space."};
  stats::counter ipis{this, "ipis", "exits", "Interrupts sent to another vCPU."};
  stats::counter stage2{this, "stage2_faults", "exits", "Accesses that stage 2 had nothing for."};
  stats::counter kicks{this, "kicks", "exits", "Exits to take an interrupt."};
  stats::counter halts{this, "halts", "exits", "Exits because there was nothing to run."};
  stats::counter polled{this, "halts_polled", "exits", "Of these, ended while the host waited."};
  stats::counter injected{this, "injected", "interrupts", "Interrupts put into a list register."};
  stats::counter direct{this, "direct", "interrupts", "Interrupts injected directly."};
  stats::histogram wake{this, "wake", "ps", "From the wake-up of a halted vCPU until it runs."};
};

class virtual_machine final : public sc_core::sc_module, public scheduler {
 public:
  /// Serves a trapped access on the vCPU's host thread; returns what a read yields.
  using trap_handler = std::function<std::uint32_t(kit::task& host, bool write,
                                                   std::uint64_t address, std::uint32_t value)>;

  /// `host` must outlive the module.
  virtual_machine(sc_core::sc_module_name name, const vm_params& params, cluster& host,
                  stats::group* parent);
  ~virtual_machine() override;

  /// Stage 2 as it is now; nothing where it has no (write) permission.
  std::function<std::optional<base::pa>(std::uint64_t ipa, bool write)> stage2;
  /// How the guest's memory is known to TLBs: its VMID, and the size of stage-2 pages. Before time
  /// starts; without it VMID 0 and 4 KiB.
  void set_translation(base::vmid vmid, unsigned stage2_shift);
  /// Makes it be there, on the vCPU's host thread.
  std::function<void(kit::task& host, std::uint64_t ipa)> on_stage2_fault;
  /// Register accesses of the guest from `first` on trap. Ranges may not overlap.
  void trap(base::ipa first, std::uint64_t bytes, trap_handler handler, bool to_user_space);
  /// Register accesses of the guest from `first` on reach the device at `at`.
  void pass_through(base::ipa first, std::uint64_t bytes, base::pa at);

  void interrupt(unsigned number) override;
  /// `from`, a guest task, makes interrupt `number` of this machine pending (an SGI).
  void send_interrupt(kit::task& from, unsigned number);
  void hypercall(kit::task& from);
  /// Broadcast TLB invalidation by a guest task; does not exit.
  void broadcast(kit::task& from, const arch::command& tlbi);

  const vm_params& params() const { return m_params; }
  const vm_stats& exits() const { return m_stats; }
  std::string processor_name() const override { return "vcpu"; }

 private:
  class vcpu;
  struct range {
    std::uint64_t first;
    std::uint64_t last;
    trap_handler handler;  // empty: passed through
    bool to_user_space;
    std::uint64_t at;
  };

  void access(thread& t, bool write, std::uint64_t address, void* data, std::uint32_t n) override;
  std::uint32_t device_access(thread& t, bool write, std::uint64_t address,
                              std::uint32_t value) override;
  std::uint32_t trapped(thread& t, const range& r, bool write, std::uint64_t address,
                        std::uint32_t value);
  void add_range(range r);
  const range& find(const thread& t, std::uint64_t address) const;
  vcpu& of(const thread& t) const { return *m_vcpus[t.processor().index()]; }

  const vm_params m_params;
  cluster& m_host;
  const unsigned m_space;  // of the guest's kernel, in the TLBs
  vm_stats m_stats;
  std::vector<std::unique_ptr<vcpu>> m_vcpus;
  std::vector<range> m_ranges;  // sorted by first
};

}  // namespace svasim::cpu
