// The memory of one process (mm): which pages it has, what a fault on one costs, its stage-1 tables
// as real bytes. handle_fault() is handle_mm_fault, unmap() is munmap with the MMU notifier before
// the pages are free (vsva-flow.md sections 3, 4). Faults hold the mmap lock shared, changes of the
// address space exclusively.
//
// A page that nobody touched is absent and gets a zeroed frame; others are there but read-only
// (copy on write) or swapped out, as declare() says. A table entry is visible from the moment of
// its first store; the stores then take the time that the task's machine says.
//
// Leaves out: files, huge pages, fault-around, reclaim, contents of pages.
#pragma once

#include <tsl/robin_map.h>

#include <functional>
#include <vector>

#include "arch/table_builder.h"
#include "base/rng.h"
#include "stats/counter.h"
#include "stats/histogram.h"
#include "tlm/software/costs.h"
#include "tlm/software/iommu_ops.h"
#include "tlm/software/locks.h"

namespace svasim::software {

/// Frames of 4 KiB of a machine, as it addresses them.
class frame_allocator {
 public:
  /// [first, first + 4096 * count).
  frame_allocator(std::uint64_t first, std::uint64_t count) : m_next(first), m_left(count) {}
  /// Throws base::input_error where there are no more.
  std::uint64_t allocate();
  void release(std::uint64_t frame) { m_free.push_back(frame); }

 private:
  std::uint64_t m_next;
  std::uint64_t m_left;
  std::vector<std::uint64_t> m_free;
};

enum class page_kind : std::uint8_t { zero, copy_on_write, swapped };

struct process_memory_stats : stats::group {
  process_memory_stats(stats::group* parent, const char* name) : group(parent, name) {}
  stats::counter minor{this, "minor", "faults", "Faults on pages that were there."};
  stats::counter zero_filled{this, "zero_filled", "faults", "Faults that took a zeroed page."};
  stats::counter copied{this, "copied", "faults", "Faults that copied a page."};
  stats::counter swapped_in{this, "swapped_in", "faults", "Faults that read a page from swap."};
  stats::counter refused{this, "refused", "faults", "Faults outside the address space."};
  stats::counter unmapped{this, "unmapped", "pages", "Pages given back."};
  stats::histogram unmap_time{this, "unmap_latency", "ps",
                              "munmap, until the pages may be used again."};
};

class process_memory {
 public:
  struct identity {
    arch::domain_id domain;
    base::substream_id pasid;
    base::asid asid;
    std::uint64_t pa_offset = 0;  ///< PA less the address the machine knows it by
  };
  /// All references must outlive it.
  process_memory(const mm_costs& costs, const kernel_costs& kernel, arch::table_builder& tables,
                 const identity& who, frame_allocator& frames, std::uint64_t seed,
                 stats::group* parent, const char* name);

  /// TLBI and DSB of the machine's processors, by the range commands that do the same; empty: they
  /// take mm_costs::broadcast and nobody else takes part.
  std::function<void(kit::task&, const arch::command&)> on_broadcast;
  /// A new frame is stored to before it is mapped: the machine may not have it yet.
  void touch_frames(bool on) { m_touch_frames = on; }
  /// What becomes of frames, for who checks on devices; may be empty.
  struct observer {
    std::function<void(std::uint64_t address, std::uint64_t frame, bool writable)> mapped;
    std::function<void(std::uint64_t frame)> released, made_read_only;
  };
  void observe(observer o) { m_observer = std::move(o); }
  /// Who must hear of changes; none: nobody shares the address space.
  void set_iommu(iommu_ops* iommu) { m_iommu = iommu; }
  const identity& who() const { return m_who; }
  /// No: the device does not use the process's tables but pinned pages, so they are not kept
  /// (variant f).
  void use_tables(bool on) { m_has_tables = on; }

  /// [first, first + 4096 * pages) belongs to the process from now on (mmap).
  void declare(kit::task& t, std::uint64_t first, std::uint64_t pages);
  /// A page of it that was not used yet is of this kind; in no time, for setting up.
  void set_kind(std::uint64_t page_address, page_kind kind);

  /// The page belongs to the process from now on; in no time. False where it did before.
  bool admit(std::uint64_t page_address);
  /// Make the page present and writable, in no time, for setting up.
  void prefill(std::uint64_t page_address);

  /// False where the address is none of the process.
  bool handle_fault(kit::task& t, std::uint64_t address, bool write);
  /// The CPU writes to the page itself.
  void touch(kit::task& t, std::uint64_t address);
  /// Give the pages back: returns when no device uses them any more.
  void unmap(kit::task& t, std::uint64_t first, std::uint64_t pages);
  /// The pages stay, but are gone for the next use (MADV_DONTNEED).
  void discard(kit::task& t, std::uint64_t first, std::uint64_t pages);
  /// Share all pages with a child: they become read-only.
  void fork(kit::task& t);
  bool is_present(std::uint64_t address) const;
  /// Where the page lies; 0 where it is not present.
  std::uint64_t frame_of(std::uint64_t address) const;

  const process_memory_stats& statistics() const { return m_stats; }

 private:
  struct page {
    page_kind kind = page_kind::zero;
    bool present = false;
    bool writable = false;
    std::uint64_t frame = 0;
  };
  void resolve(kit::task& t, std::uint64_t address, page& p, bool write);
  void map(kit::task& t, std::uint64_t address, bool writable);
  void drop(kit::task& t, std::uint64_t first, std::uint64_t pages, bool keep);
  void store(kit::task& t);
  void broadcast(kit::task& t, std::uint64_t first, std::uint64_t pages);
  base::duration swap_time();

  const mm_costs m_costs;
  const kernel_costs m_kernel;
  arch::table_builder& m_tables;
  const identity m_who;
  frame_allocator& m_frames;
  base::rng m_rng;
  process_memory_stats m_stats;
  iommu_ops* m_iommu = nullptr;
  observer m_observer;
  bool m_has_tables = true;
  bool m_touch_frames = false;
  shared_mutex m_mmap_lock;
  mutex m_table_lock;
  sleeper m_disk;
  tsl::robin_map<std::uint64_t, page> m_pages;  // by page number
  std::vector<std::uint64_t> m_stores;          // addresses of table entries to be stored
};

}  // namespace svasim::software
