// What software runs on, as software sees it: tasks that take processor time, sleep and are woken,
// access memory and device registers; machines (a host's cores, a guest's vCPUs) that schedule
// them, and interrupts. Software models are written against this as straight-line code; tlm/cpu
// implements it with run queues, caches and an interrupt controller.
//
// Leaves out: instructions, virtual addresses of software itself (addresses are physical ones of
// the task's own machine: PA on the host, IPA in a guest).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <systemc>

#include "base/units.h"
#include "tlm/kit/time.h"

namespace svasim::kit {

/// Whose work a piece of processor time or a hop of a fault is (vsva-flow.md section 0).
enum class actor : std::uint8_t { dev, rc, smmu, hk, vmm, vcpu, gk, count };
/// "DEV", "RC", "SMMU", "HK", "VMM", "vCPU", "GK".
const char* to_string(actor a);

/// Something to wait for that is not lost when it comes first: it counts, as an eventfd does.
class wakeup {
 public:
  explicit wakeup(const char* name) : m_event(name) {}
  void raise() {
    ++m_count;
    m_event.notify(sc_core::SC_ZERO_TIME);
  }
  /// As raise(), `d` from now; one at a time, an earlier one that is not due yet is forgotten.
  void raise_after(base::duration d) {
    m_due = now() + d;
    m_event.cancel();
    m_event.notify(to_sc(d));
  }
  bool pending() const { return m_count != 0 || m_due <= now(); }
  /// How often it was raised since the last take().
  std::uint64_t take() {
    std::uint64_t n = m_count;
    m_count = 0;
    if (m_due <= now()) {
      m_due = never;
      ++n;
    }
    return n;
  }
  const sc_core::sc_event& event() const { return m_event; }

 private:
  sc_core::sc_event m_event;
  std::uint64_t m_count = 0;
  base::duration m_due = never;  // of raise_after()
};

/// Who goes first on a processor; below hard interrupts, which go before all of them.
enum class priority : std::uint8_t { realtime, normal, background };

/// One thread of execution. All functions are called in its own body, and may take simulated time.
class task {
 public:
  virtual ~task() = default;
  virtual const std::string& name() const = 0;

  /// Use `cost` of processor time; waits for a processor first where it has none, and may be
  /// preempted and interrupted in between.
  virtual void compute(base::duration cost) = 0;
  /// Let go of the processor until `w` is pending; returns w.take(). Returns at once, still on the
  /// processor, where it is pending already.
  virtual std::uint64_t sleep(wakeup& w) = 0;
  /// Interrupts and other threads of this task's machine wait until they are on again; pairs nest.
  /// No sleeping meanwhile. Machines that schedule nothing have nothing to do.
  virtual void interrupts_off() {}
  virtual void interrupts_on() {}

  /// Access memory of the task's machine through the caches of its processor, which is held
  /// meanwhile. `n` is 1 to 64 and the bytes lie in one 64-byte line.
  virtual void read(std::uint64_t address, void* data, std::uint32_t n) = 0;
  virtual void write(std::uint64_t address, const void* data, std::uint32_t n) = 0;
  /// Access a device register of 32 bits. In a guest it traps, unless it is passed through.
  virtual std::uint32_t read_register(std::uint64_t address) = 0;
  virtual void write_register(std::uint64_t address, std::uint32_t value) = 0;
};

/// Interrupts of a task are off as long as it lives (local_irq_save).
class interrupts_off {
 public:
  explicit interrupts_off(task& t) : m_task(t) { t.interrupts_off(); }
  ~interrupts_off() { m_task.interrupts_on(); }
  interrupts_off(const interrupts_off&) = delete;
  interrupts_off& operator=(const interrupts_off&) = delete;

 private:
  task& m_task;
};

struct task_options {
  std::string name;  ///< unique in its machine
  actor who = actor::hk;
  kit::priority priority = kit::priority::normal;
  std::optional<unsigned> cpu;  ///< pinned to it; else it goes where there is room
};

/// Processors that share run queues, and their interrupts. Everything is set up before time starts.
class machine {
 public:
  virtual ~machine() = default;
  virtual unsigned cpus() const = 0;
  /// `body` starts at time 0 and may return; the task stays valid.
  virtual task& spawn(const task_options& options, std::function<void(task&)> body) = 0;

  /// An interrupt of this machine, handled on `cpu`; returns its number. The handler runs as a task
  /// that preempts all others of that processor and must not sleep.
  virtual unsigned add_interrupt(const char* name, actor who, unsigned cpu,
                                 std::function<void(task&)> handler) = 0;
  /// Make it pending now; edges that come while it is pending are one.
  virtual void interrupt(unsigned number) = 0;
};

}  // namespace svasim::kit
