#include "tlm/software/process_memory.h"

#include <algorithm>

#include "base/error.h"
#include "tlm/kit/time.h"
#include "tlm/software/arm_smmu_v3.h"

namespace svasim::software {
namespace {
constexpr unsigned page_shift = 12;
constexpr std::uint64_t page_bytes = 1ull << page_shift;
}  // namespace

std::uint64_t frame_allocator::allocate() {
  if (!m_free.empty()) {
    const std::uint64_t frame = m_free.back();
    m_free.pop_back();
    return frame;
  }
  if (m_left == 0) throw base::input_error("the workload needs more memory than its machine has");
  --m_left;
  const std::uint64_t frame = m_next;
  m_next += page_bytes;
  return frame;
}

process_memory::process_memory(const mm_costs& costs, const kernel_costs& kernel,
                               arch::table_builder& tables, const identity& who,
                               frame_allocator& frames, std::uint64_t seed, stats::group* parent,
                               const char* name)
    : m_costs(costs),
      m_kernel(kernel),
      m_tables(tables),
      m_who(who),
      m_frames(frames),
      m_rng(seed),
      m_stats(parent, name) {}

void process_memory::declare(kit::task& t, std::uint64_t first, std::uint64_t pages) {
  m_mmap_lock.lock(t);
  t.compute(m_costs.mmap);
  for (std::uint64_t i = 0; i < pages; ++i) m_pages[(first >> page_shift) + i] = page{};
  m_mmap_lock.unlock();
}

void process_memory::set_kind(std::uint64_t page_address, page_kind kind) {
  page& p = m_pages[page_address >> page_shift];
  p.kind = kind;
  if (kind != page_kind::copy_on_write || p.present) return;
  p.present = true;
  p.frame = m_frames.allocate();
  if (m_observer.mapped) m_observer.mapped(page_address, p.frame, false);
  if (m_has_tables) {
    m_tables.map(m_who.domain, base::iova(page_address), p.frame, page_shift, false);
  }
}

bool process_memory::admit(std::uint64_t page_address) {
  return m_pages.try_emplace(page_address >> page_shift).second;
}

void process_memory::prefill(std::uint64_t page_address) {
  page& p = m_pages[page_address >> page_shift];
  if (p.present) return;
  p.present = p.writable = true;
  p.frame = m_frames.allocate();
  if (m_observer.mapped) m_observer.mapped(page_address, p.frame, true);
  if (m_has_tables) {
    m_tables.map(m_who.domain, base::iova(page_address), p.frame, page_shift, true);
  }
}

bool process_memory::is_present(std::uint64_t address) const {
  const auto it = m_pages.find(address >> page_shift);
  return it != m_pages.end() && it->second.present;
}

std::uint64_t process_memory::frame_of(std::uint64_t address) const {
  const auto it = m_pages.find(address >> page_shift);
  return it == m_pages.end() ? 0 : it->second.frame;
}

// --- faults -------------------------------------------------------------------------------------

bool process_memory::handle_fault(kit::task& t, std::uint64_t address, bool write) {
  m_mmap_lock.lock_shared(t);
  const auto it = m_pages.find(address >> page_shift);
  const bool known = it != m_pages.end();
  if (known) {
    // Others may add pages meanwhile, which moves them; none go while the lock is held.
    page p = it->second;
    resolve(t, address, p, write);
  } else {
    m_stats.refused += 1;
  }
  m_mmap_lock.unlock_shared();
  return known;
}

void process_memory::touch(kit::task& t, std::uint64_t address) {
  const auto it = m_pages.find(address >> page_shift);
  if (it != m_pages.end() && it->second.present && it->second.writable) return;
  handle_fault(t, address, true);
}

void process_memory::resolve(kit::task& t, std::uint64_t address, page& p, bool write) {
  const std::uint64_t number = address >> page_shift;
  if (p.present && (p.writable || !write)) {
    m_stats.minor += 1;
    t.compute(m_costs.minor);
    return;
  }
  if (p.present) {
    m_stats.copied += 1;
    t.compute(m_costs.copy_on_write);
  } else if (p.kind == page_kind::swapped) {
    m_stats.swapped_in += 1;
    t.compute(m_costs.zero_fill);
    m_disk.wait(t, swap_time());
  } else {
    m_stats.zero_filled += 1;
    t.compute(m_costs.zero_fill);
  }
  m_table_lock.lock(t);
  const page real = m_pages[number];
  if (real.present == p.present && real.writable == p.writable) {  // nobody else was faster
    const bool replaces = real.present;
    if (replaces) {
      // The old translation must be gone before the page can be written under a new one.
      if (m_has_tables) {
        m_tables.unmap(m_who.domain, base::iova(number << page_shift), base::byte_size(page_bytes),
                       false);
      }
      broadcast(t, number << page_shift, 1);
      if (m_iommu != nullptr) {
        t.compute(m_kernel.notifier);
        m_iommu->invalidate(t, {m_who.pasid, m_who.asid, number << page_shift, 1});
      }
      // The other process keeps the old frame.
      if (m_observer.released) m_observer.released(m_pages[number].frame);
    }
    map(t, number << page_shift, true);
  }
  m_table_lock.unlock();
}

void process_memory::map(kit::task& t, std::uint64_t address, bool writable) {
  t.compute(m_costs.map_page);
  page& p = m_pages[address >> page_shift];  // not before: pages may come meanwhile
  p.present = true;
  p.writable = writable;
  p.frame = m_frames.allocate();
  if (m_observer.mapped) m_observer.mapped(address, p.frame, writable);
  if (m_touch_frames) {
    const std::uint64_t zero = 0;
    t.write(p.frame, &zero, sizeof zero);
  }
  if (!m_has_tables) return;
  m_tables.journal(m_who.domain, &m_stores);
  m_tables.map(m_who.domain, base::iova(address), p.frame, page_shift, writable);
  store(t);
}

// The table entries that have changed, in the order of their stores.
void process_memory::store(kit::task& t) {
  m_tables.journal(m_who.domain, nullptr);
  std::vector<std::uint64_t> stores;
  stores.swap(m_stores);
  for (const std::uint64_t at : stores) {
    const std::uint64_t word = m_tables.entry_at(at);
    t.write(at - m_who.pa_offset, &word, sizeof word);
  }
}

void process_memory::broadcast(kit::task& t, std::uint64_t first, std::uint64_t pages) {
  if (!on_broadcast) {
    t.compute(m_costs.broadcast);
    return;
  }
  arm_smmu_v3_params ranges;
  ranges.range_invalidation = true;
  for (arch::command c : arm_smmu_v3::tlbi_for(ranges, m_who.asid, base::vmid(), first, pages)) {
    on_broadcast(t, c);
  }
}

base::duration process_memory::swap_time() {
  const std::uint64_t median = m_costs.swap_in.value();
  const std::uint64_t spread = median / 100 * m_costs.swap_spread_percent;
  return base::duration(median - spread + (spread == 0 ? 0 : m_rng.below(2 * spread + 1)));
}

// --- changes of the address space ---------------------------------------------------------------

void process_memory::unmap(kit::task& t, std::uint64_t first, std::uint64_t pages) {
  drop(t, first, pages, false);
}

void process_memory::discard(kit::task& t, std::uint64_t first, std::uint64_t pages) {
  drop(t, first, pages, true);
}

void process_memory::drop(kit::task& t, std::uint64_t first, std::uint64_t pages, bool keep) {
  const base::duration start = kit::now();
  m_mmap_lock.lock(t);
  t.compute(m_costs.mmap);
  std::vector<std::uint64_t> frames;
  for (std::uint64_t n = first >> page_shift; n < (first >> page_shift) + pages; ++n) {
    const auto it = m_pages.find(n);
    if (it == m_pages.end()) continue;
    if (it->second.present) frames.push_back(it->second.frame);
    if (keep) {
      it.value() = page{};
    } else {
      m_pages.erase(it);
    }
  }
  if (!frames.empty()) {
    if (m_has_tables) {
      m_tables.journal(m_who.domain, &m_stores);
      m_tables.unmap(m_who.domain, base::iova(first), base::byte_size(pages << page_shift), false);
      store(t);
    }
    t.compute(base::duration(m_costs.unmap_page.value() * frames.size()));
    broadcast(t, first, pages);
    if (m_iommu != nullptr) {
      t.compute(m_kernel.notifier);
      m_iommu->invalidate(t, {m_who.pasid, m_who.asid, first, pages});
    }
    for (const std::uint64_t f : frames) {
      if (m_observer.released) m_observer.released(f);
      m_frames.release(f);
    }
    m_stats.unmapped += frames.size();
    m_stats.unmap_time.add(kit::now() - start);
  }
  m_mmap_lock.unlock();
}

void process_memory::fork(kit::task& t) {
  m_mmap_lock.lock(t);
  t.compute(m_costs.mmap);
  if (!m_has_tables) {
    // Pages pinned for a device are copied for the child at once.
    std::uint64_t there = 0;
    for (const auto& entry : m_pages) there += entry.second.present;
    t.compute(base::duration(m_costs.copy_on_write.value() * there));
    m_mmap_lock.unlock();
    return;
  }
  std::vector<std::uint64_t> numbers;
  for (const auto& [n, p] : m_pages) {
    if (p.present && p.writable) numbers.push_back(n);
  }
  std::sort(numbers.begin(), numbers.end());
  m_tables.journal(m_who.domain, &m_stores);
  for (const std::uint64_t n : numbers) {
    page& p = m_pages[n];
    p.writable = false;
    m_tables.map(m_who.domain, base::iova(n << page_shift), p.frame, page_shift, false);
  }
  store(t);
  t.compute(base::duration(m_costs.fork_page.value() * numbers.size()));
  broadcast(t, 0, 0);
  if (m_iommu != nullptr && !numbers.empty()) {
    t.compute(m_kernel.notifier);
    m_iommu->invalidate(t, {m_who.pasid, m_who.asid, 0, 0});
  }
  if (m_observer.made_read_only) {
    for (const std::uint64_t n : numbers) m_observer.made_read_only(m_pages[n].frame);
  }
  m_mmap_lock.unlock();
}

}  // namespace svasim::software
