// A process that shares its address space with a device (vsva-flow.md section 1, step 7): it makes
// a buffer, hands the device messages about it (work descriptors with virtual addresses and its
// PASID), waits for them, and gives the buffer back, as a trace::sva_plan says. Without SVA it maps
// each buffer for the device before and unmaps it after (variant f).
//
// Leaves out: what the process computes, polling for completion (it sleeps), reads of results.
#pragma once

#include <functional>
#include <memory>

#include "describe/visitor.h"
#include "stats/counter.h"
#include "stats/histogram.h"
#include "tlm/kit/task.h"
#include "tlm/software/locks.h"
#include "tlm/software/process_memory.h"
#include "trace/sva_plan.h"

namespace svasim::software {

/// One work descriptor.
struct message {
  base::substream_id pasid;
  std::uint64_t address = 0;
  base::byte_size length;
  std::uint32_t index = 0;  ///< at its process
};

/// How memory is mapped for a device that does not share the address space.
class dma_map_ops {
 public:
  virtual ~dma_map_ops() = default;
  /// Map pages of the process for its device, at the same addresses. Returns when they may be used.
  virtual void map(kit::task& t, const process_memory& mm, std::uint64_t first,
                   std::uint64_t pages) = 0;
  virtual void unmap(kit::task& t, const process_memory& mm, std::uint64_t first,
                     std::uint64_t pages) = 0;
};

struct process_params {
  base::duration submit = base::ns(200);
  base::duration complete = base::ns(300);
  void describe(describe::visitor& v);
};

struct process_stats : stats::group {
  process_stats(stats::group* parent, const char* name) : group(parent, name) {}
  stats::counter messages{this, "messages", "messages", "Messages the device has finished."};
  stats::counter failed{this, "failed", "messages", "Messages that ended with an error."};
  stats::histogram message_time{this, "message_time", "ps", "From submitting one to its end."};
  stats::histogram unmap_time{this, "unmap_latency", "ps",
                              "Giving a buffer back, until its pages may be used again."};
};

class process {
 public:
  struct wiring {
    kit::machine* machine = nullptr;
    kit::actor who = kit::actor::gk;
    process_memory* memory = nullptr;
    dma_map_ops* mapping = nullptr;  ///< null: the device shares the address space
    kit::hop_log* unmap_log = nullptr;
    bool first_touch = true;  ///< else every page is there before the device comes
    std::function<bool(const message&)> submit;  ///< false: no room now
    std::function<void()> on_finished;
  };
  process(const process_params& params, const mm_costs& costs, const trace::sva_plan& plan,
          std::uint32_t number, const wiring& w, stats::group* parent, const char* name);

  /// The device has finished a message.
  void done(std::uint32_t index, bool good);
  /// The device has finished a message of somebody: there may be room.
  void room() {
    if (m_wants_room) m_progress.raise();
  }
  bool finished() const { return m_finished; }
  std::uint32_t in_flight() const { return m_in_flight; }
  const process_stats& statistics() const { return m_stats; }

 private:
  std::uint64_t buffer_at(std::uint32_t buffer) const;
  std::uint64_t pages() const;
  void run(kit::task& t);
  void storm(kit::task& t);
  void prepare(kit::task& t, std::uint64_t first);
  void work(kit::task& t, std::uint64_t first);
  void send(kit::task& t, std::uint64_t first);
  void wait_until(kit::task& t, std::uint32_t at_most);
  void give_back(kit::task& t, std::uint64_t first);

  const process_params m_params;
  const mm_costs m_costs;
  const trace::sva_plan m_plan;
  const std::uint32_t m_number;
  const wiring m_wiring;
  process_stats m_stats;
  base::rng m_rng;
  kit::wakeup m_progress;
  sleeper m_pause;
  std::uint64_t m_current = 0;  // buffer that the device works on
  std::uint32_t m_sent = 0;
  std::uint32_t m_in_flight = 0;
  std::uint32_t m_since_fork = 0;
  std::vector<base::duration> m_sent_at;
  bool m_wants_room = false;
  bool m_working = false;
  bool m_finished = false;
};

}  // namespace svasim::software
