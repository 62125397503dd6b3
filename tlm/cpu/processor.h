// One processor as a kernel's scheduler sees it, a core or a vCPU: run queues by priority, the
// thread that has it, and when that thread has to make room. Interrupts go before realtime threads
// (first come, first served), those before normal ones (round robin by time slice), those before
// background ones. A thread that is displaced by a higher priority keeps its place and the rest of
// its slice.
//
// Where the processor's time comes from is another matter: simulated time for a core, the time of a
// host thread for a vCPU (time_source).
#pragma once

#include <array>
#include <cstdint>

#include "base/units.h"
#include "stats/counter.h"
#include "stats/histogram.h"
#include "stats/occupancy.h"
#include "tlm/kit/task.h"

namespace svasim::cpu {

class scheduler;
class thread;

/// Order on a processor, most urgent first.
enum class level : std::uint8_t { interrupt, realtime, normal, background, count };

/// What a processor's time comes from. Threads call use() and hold() in their own process, and only
/// the one that has the processor does.
class time_source {
 public:
  virtual ~time_source() = default;
  /// Use up to `cost` on behalf of `who`; returns what is left: nothing, unless poke() came.
  virtual base::duration use(base::duration cost, kit::actor who) = 0;
  /// Use all of `cost`, come what may.
  virtual void hold(base::duration cost, kit::actor who) = 0;
  /// A thread was given the processor, and goes on.
  virtual void enter() = 0;
  /// Make the use() that is under way return as soon as it can.
  virtual void poke() = 0;
  /// A thread is ready and nobody has the processor. True: it can have it now; false: the source
  /// calls processor::dispatch() when it can.
  virtual bool start() = 0;
  /// Nobody is ready.
  virtual void stop() = 0;
};

struct processor_stats : stats::group {
  processor_stats(stats::group* parent, const std::string& name) : group(parent, name) {}
  stats::occupancy busy{this, "busy", "threads", "A thread has the processor."};
  stats::occupancy waiting{this, "waiting", "threads", "Threads that wait for the processor."};
  stats::histogram wait{this, "wait", "ps", "From being ready until having the processor."};
  stats::counter switches{this, "switches", "switches", "Times that another thread got it."};
  stats::counter preemptions{this, "preemptions", "preemptions",
                             "Threads displaced by a higher priority."};
  stats::counter slices{this, "slices", "slices", "Threads displaced at the end of their slice."};
};

/// Threads of one level in order, linked through the threads.
class run_queue {
 public:
  bool empty() const { return m_first == nullptr; }
  thread* front() const { return m_first; }
  void push_back(thread& t);
  void push_front(thread& t);
  void remove(thread& t);

 private:
  thread* m_first = nullptr;
  thread* m_last = nullptr;
};

class processor {
 public:
  processor(scheduler& owner, unsigned index, time_source& source, stats::group* parent);
  processor(const processor&) = delete;
  processor& operator=(const processor&) = delete;

  unsigned index() const { return m_index; }
  time_source& source() const { return m_source; }
  thread* current() const { return m_current; }
  bool has_ready() const { return m_waiting != 0; }
  /// Nobody has it or waits for it.
  bool vacant() const { return m_current == nullptr && m_waiting == 0; }
  /// Threads that have it or wait for it.
  std::size_t load() const { return m_waiting + (m_current != nullptr ? 1u : 0u); }
  /// The thread that has it must make room before it goes on.
  bool wanted() const { return m_wanted; }
  /// A thread of this level waits.
  bool has_ready(level l) const { return !queue(l).empty(); }

  /// `t` wants the processor.
  void enqueue(thread& t);
  /// `t`, which has it, lets go.
  void release(thread& t);
  /// `t`, which has it, makes room: at the end of its slice behind its equals, else before them.
  void yield(thread& t, bool slice_over);
  /// Nobody has it: give it to the first that waits, or to one that waits elsewhere.
  void dispatch();
  /// The first thread that waits here and may run elsewhere; null where there is none.
  thread* movable() const;
  void take_out(thread& t);

  const processor_stats& statistics() const { return m_stats; }
  stats::group& group() { return m_stats; }

 private:
  run_queue& queue(level l) { return m_queues[static_cast<std::size_t>(l)]; }
  const run_queue& queue(level l) const { return m_queues[static_cast<std::size_t>(l)]; }
  void add(thread& t, bool front);
  void grant(thread& t);

  scheduler& m_scheduler;
  const unsigned m_index;
  time_source& m_source;
  processor_stats m_stats;
  std::array<run_queue, static_cast<std::size_t>(level::count)> m_queues;
  std::size_t m_waiting = 0;
  thread* m_current = nullptr;
  const thread* m_last = nullptr;  // whose context is loaded; interrupts borrow it
  bool m_wanted = false;
};

}  // namespace svasim::cpu
