// The work queues of a device: descriptors that software submits at run time, each a buffer in an
// address space (StreamID, PASID) to go over, and the accesses of the engine that come of them. The
// descriptor of a queue that is next gives its accesses; queues take turns. A work is done when all
// its accesses are; it keeps its place in the queue until then.
//
// A device may bound the faults it can have outstanding: then the first access to a page of a work,
// a probe, goes ahead, and the others follow when it is answered, behind the next probe. Buffers
// are aligned to pages for that, and accesses do not cross one; a random order is one of pages.
//
// Leaves out: fetching descriptors and writing completion records (software pays for both), rights
// to queues, draining and abort of a queue.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "describe/visitor.h"
#include "stats/counter.h"
#include "stats/histogram.h"
#include "stats/occupancy.h"
#include "trace/feed.h"
#include "trace/sva_plan.h"

namespace svasim::device {

struct work_queue_params {
  std::uint32_t queues = 8;
  std::uint32_t depth = 16;
  std::uint32_t burst = 1;
  std::uint32_t probes = 0;
  void describe(describe::visitor& v);
};

struct work_queue_stats : stats::group {
  explicit work_queue_stats(stats::group* parent) : group(parent, "work") {}
  stats::counter submitted{this, "submitted", "works", "Descriptors taken."};
  stats::counter refused{this, "refused", "works", "Descriptors refused by a full queue."};
  stats::counter completed{this, "completed", "works", "Works whose accesses all succeeded."};
  stats::counter failed{this, "failed", "works", "Works with an access that failed."};
  stats::counter accesses{this, "accesses", "accesses", "Accesses handed to the engine."};
  stats::counter failed_accesses{this, "failed_accesses", "accesses", "Accesses that failed."};
  stats::occupancy probing{this, "probing", "accesses", "Probes under way."};
  stats::occupancy queued{this, "queued", "works", "Descriptors in the queues."};
  stats::histogram time{this, "time", "ps", "From submission until the last access is done."};
};

/// A work descriptor.
struct work {
  std::uint64_t id = 0;  ///< the submitter's
  base::stream_id sid;
  bool has_ssid = false;
  base::substream_id ssid;
  base::iova address;
  std::uint64_t length = 0;         ///< at least 1
  std::uint32_t access_length = 0;  ///< bytes; the last access may have fewer
  std::uint32_t write_percent = 0;  ///< of the 4 KiB pages, the last ones are written
  trace::message_order order = trace::message_order::sequential;
  std::uint64_t seed = 1;  ///< of a random order
};

class work_queues final : public trace::feed {
 public:
  work_queues(const work_queue_params& params, stats::group* parent);

  /// Puts a work into queue `index`; false where that is full.
  [[nodiscard]] bool submit(std::uint32_t index, const work& w);
  bool full(std::uint32_t index) const { return m_queues[index].used == m_params.depth; }
  /// No more works will come: the feed ends with the last one.
  void close();
  /// Sees each work when it is done. May submit.
  std::function<void(std::uint64_t id, bool ok)> on_done;

  // trace::feed
  trace::pull next(trace::record& out) override;
  void completed(const trace::record& access) override { done(access, true); }
  void failed(const trace::record& access) override { done(access, false); }
  bool wants_completions() const override { return true; }
  void on_ready(std::function<void()> wake) override { m_wake = std::move(wake); }

  const work_queue_stats& statistics() const { return m_stats; }

 private:
  struct entry {
    work what;
    base::duration submitted;
    std::uint64_t accesses = 0;  // in all
    std::uint64_t given = 0;
    std::uint64_t done = 0;
    // with probes: pages probed, answered, and the access that is next in those
    std::uint64_t probed = 0, opened = 0;
    std::uint64_t page = 0, within = 1;
    bool ok = true;
    bool used = false;
  };
  struct queue {
    std::vector<entry> entries;         // slots
    std::vector<std::uint32_t> order;   // of those with accesses to give, a ring
    std::uint32_t head = 0, count = 0;  // of the ring
    std::uint32_t used = 0;
  };

  bool may_give(const entry& e) const;
  std::uint64_t next_of(entry& e, bool& probe);
  std::uint64_t next_probed(entry& e, bool& probe);
  static void skip_done_pages(entry& e);
  void give(std::uint32_t queue_index, trace::record& out);
  void done(const trace::record& access, bool ok);

  const work_queue_params m_params;
  work_queue_stats m_stats;
  std::vector<queue> m_queues;
  std::uint32_t m_turn = 0;
  std::uint32_t m_burst = 0;   // accesses given in this turn
  std::uint32_t m_probes = 0;  // under way
  bool m_closed = false;
  std::function<void()> m_wake;
};

}  // namespace svasim::device
