// Threads and interrupts on processors that share them: what a cluster of cores and a virtual
// machine have in common (kit::machine). A thread runs in an SC_THREAD of its own; it goes on only
// while it has a processor. One that may run anywhere goes to the processor it had last if that is
// vacant, else to the first vacant one, else to the shortest queue; a processor that runs out of
// work takes the first thread that waits elsewhere.
//
// Leaves out: wake-up preemption among threads of equal priority (Linux EEVDF runs to parity), load
// balancing beyond the above, groups and shares.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "stats/counter.h"
#include "tlm/cpu/processor.h"
#include "tlm/cpu/scheduling_params.h"
#include "tlm/kit/task.h"

namespace svasim::cpu {

class thread final : public kit::task {
 public:
  thread(scheduler& owner, const kit::task_options& options, level l);

  const std::string& name() const override { return m_options.name; }
  void compute(base::duration cost) override;
  std::uint64_t sleep(kit::wakeup& w) override;
  void interrupts_off() override { ++m_masked; }
  void interrupts_on() override { --m_masked; }
  void read(std::uint64_t address, void* data, std::uint32_t n) override;
  void write(std::uint64_t address, const void* data, std::uint32_t n) override;
  std::uint32_t read_register(std::uint64_t address) override;
  void write_register(std::uint64_t address, std::uint32_t value) override;

  // --- for the machines ---
  /// Wait for a processor where it has none, make room where it must; pay what it owes.
  void acquire();
  /// Use up to `cost` on behalf of `who`; returns what is left: nothing, unless `*stop`.
  base::duration run(base::duration cost, kit::actor who, const bool* stop = nullptr);
  /// Have run() look at its `*stop`.
  void poke();
  /// Keep the processor for `cost`, without making room.
  void hold(base::duration cost);
  /// The processor was kept for `cost` by other means; counts for the slice.
  void spent(base::duration cost);
  /// Let go of the processor.
  void leave();
  bool on_processor() const;
  cpu::processor& processor() const { return *m_processor; }
  kit::actor who() const { return m_who; }
  /// For whom compute() and accesses are from now on.
  void act_for(kit::actor who) { m_who = who; }

 private:
  friend class cpu::processor;
  friend class run_queue;
  friend class scheduler;
  void wait_for_grant();

  scheduler& m_scheduler;
  const kit::task_options m_options;
  const level m_level;
  const bool m_pinned;
  kit::actor m_who;
  sc_core::sc_event m_granted;
  cpu::processor* m_processor = nullptr;  // has it, waits for it, or had it last
  bool m_queued = false;                  // has or wants a processor
  base::duration m_debt;                  // to be used before its own work goes on
  base::duration m_slice_left;
  std::uint32_t m_masked = 0;  // interrupts are off; nests
  bool m_overdue = false;      // its slice ended meanwhile
  base::duration m_ready_since;
  thread* m_next = nullptr;  // of the run queue
  thread* m_previous = nullptr;
};

struct scheduler_stats : stats::group {
  scheduler_stats(stats::group* parent, const std::string& name) : group(parent, name) {}
  stats::counter wakeups{this, "wakeups", "wakeups", "Sleeping threads that were woken."};
  stats::counter interrupts{this, "interrupts", "interrupts", "Interrupts handled."};
  stats::counter merged{this, "merged", "interrupts", "Edges that came while one was pending."};
};

class scheduler : public kit::machine {
 public:
  unsigned cpus() const override { return static_cast<unsigned>(m_processors.size()); }
  /// Throws std::invalid_argument for a name that is taken or a processor that is not there.
  thread& spawn(const kit::task_options& options, std::function<void(kit::task&)> body) override;
  unsigned add_interrupt(const char* name, kit::actor who, unsigned cpu,
                         std::function<void(kit::task&)> handler) override;
  void interrupt(unsigned number) override;

  const scheduling_params& scheduling() const { return m_scheduling; }
  const processor& processor_of(unsigned cpu) const { return *m_processors.at(cpu); }
  const scheduler_stats& statistics() const { return m_scheduler_stats; }
  virtual std::string processor_name() const = 0;

 protected:
  scheduler(const scheduling_params& params, stats::group* parent, const std::string& name);
  processor& add_processor(time_source& source);
  stats::group& group() { return m_scheduler_stats; }
  /// `t` as a thread of this machine; throws std::logic_error where it is none.
  thread& own(kit::task& t) const;
  processor& processor_at(unsigned cpu) { return *m_processors.at(cpu); }
  /// The processor that handles an interrupt.
  processor& processor_for(unsigned number) const { return *m_interrupts.at(number)->where; }
  bool pending(unsigned number) const { return m_interrupts.at(number)->pending; }
  /// An access to 1 to 64 bytes by `t`, which has its processor.
  virtual void access(thread& t, bool write, std::uint64_t address, void* data,
                      std::uint32_t n) = 0;
  virtual std::uint32_t device_access(thread& t, bool write, std::uint64_t address,
                                      std::uint32_t value) = 0;

 private:
  friend class processor;
  friend class thread;
  struct interrupt_line {
    thread* handler_thread = nullptr;
    processor* where = nullptr;
    std::function<void(kit::task&)> handler;
    bool pending = false;
    bool active = false;  // its thread has or wants the processor
  };

  thread& make_thread(const kit::task_options& options, level l);
  processor& place(const thread& t) const;
  /// The first vacant processor, or null.
  processor* vacant() const;
  /// A thread that `idle` may take; null where there is none.
  thread* waits_elsewhere(const processor& idle) const;
  void serve(interrupt_line& line);

  const scheduling_params m_scheduling;
  scheduler_stats m_scheduler_stats;
  std::vector<std::unique_ptr<processor>> m_processors;
  std::vector<std::unique_ptr<thread>> m_threads;
  std::vector<std::unique_ptr<interrupt_line>> m_interrupts;
};

}  // namespace svasim::cpu
