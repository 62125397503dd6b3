// A kernel workqueue: items go to worker threads in order; with one worker they are served one
// after the other. Bounded: who finds it full is told, or waits. Leaves out: delayed work, CPU
// affinity of workers.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "stats/counter.h"
#include "stats/occupancy.h"
#include "tlm/kit/task.h"
#include "tlm/kit/time.h"
#include "tlm/software/locks.h"
#include "uarch/ring_fifo.h"

namespace svasim::software {

struct work_queue_stats : stats::group {
  work_queue_stats(stats::group* parent, const char* name) : group(parent, name) {}
  stats::counter queued{this, "queued", "items", "Items taken."};
  stats::counter refused{this, "refused", "items", "Items that found it full."};
  stats::occupancy waiting{this, "waiting", "items", "Items that wait for a worker."};
};

template <class Item>
class work_queue {
 public:
  using handler = std::function<void(kit::task&, Item&)>;

  /// `workers` threads of `on` with capacity for `depth` items that wait; `dispatch`: processor
  /// time to take an item.
  work_queue(const std::string& name, kit::machine& on, kit::actor who, unsigned workers,
             std::uint32_t depth, base::duration dispatch, handler serve, stats::group* parent)
      : m_stats(parent, name.c_str()),
        m_items(depth),
        m_dispatch(dispatch),
        m_serve(std::move(serve)) {
    for (unsigned i = 0; i < workers; ++i) {
      m_wakeups.push_back(
          std::make_unique<kit::wakeup>(sc_core::sc_gen_unique_name((name + "_worker").c_str())));
      kit::task_options o;
      o.name = workers == 1 ? name : fmt::format("{}/{}", name, i);
      o.who = who;
      kit::wakeup& w = *m_wakeups.back();
      on.spawn(o, [this, &w](kit::task& t) { work(t, w); });
    }
  }

  /// False where it is full.
  [[nodiscard]] bool queue(const Item& item) {
    if (!m_items.push(item)) {
      m_stats.refused += 1;
      return false;
    }
    m_stats.queued += 1;
    m_stats.waiting.change(kit::now(), 1);
    if (!m_idle.empty()) {
      m_idle.back()->raise();
      m_idle.pop_back();
    }
    return true;
  }
  /// Sleeps until there is room.
  void queue_or_wait(kit::task& t, const Item& item) {
    if (m_items.full()) m_stats.refused += 1;
    while (m_items.full()) m_room.wait(t);
    static_cast<void>(queue(item));
  }
  bool full() const { return m_items.full(); }
  const work_queue_stats& statistics() const { return m_stats; }

 private:
  void work(kit::task& t, kit::wakeup& w) {
    for (;;) {
      while (m_items.empty()) {
        m_idle.push_back(&w);
        t.sleep(w);
      }
      Item item = m_items.pop();
      m_stats.waiting.change(kit::now(), -1);
      m_room.wake_one();
      t.compute(m_dispatch);
      m_serve(t, item);
    }
  }

  work_queue_stats m_stats;
  uarch::ring_fifo<Item> m_items;
  const base::duration m_dispatch;
  const handler m_serve;
  std::vector<std::unique_ptr<kit::wakeup>> m_wakeups;
  std::vector<kit::wakeup*> m_idle;
  wait_list m_room;
};

}  // namespace svasim::software
