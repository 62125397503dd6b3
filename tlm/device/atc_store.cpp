#include "tlm/device/atc_store.h"

#include <algorithm>

#include "base/bits.h"

namespace svasim::device {

atc_store::atc_store(const atc_params& params, std::uint64_t seed, stats::group* parent)
    : m_stu_shift(params.stu_shift()),
      m_largest_shift(params.largest_shift()),
      m_sizes(params.sizes),
      m_stats(parent),
      m_store(params.shape(), params.policy, seed, params.partitions) {}

const atc_store::translation* atc_store::find(const atc_key& key, std::uint64_t address,
                                              bool to_write) {
  m_stats.lookups += 1;
  const translation* const t = part_of(key).lookup(key.tag(), address);
  if (t != nullptr && t->allows(to_write)) {
    m_stats.hits += 1;
    return t;
  }
  m_stats.misses += 1;
  if (t != nullptr && to_write) m_stats.read_only += 1;
  return nullptr;
}

bool atc_store::holds(const atc_key& key, std::uint64_t address, bool to_write) const {
  const auto* const e = m_store[key.ssid % m_store.partitions()].probe(key.tag(), address);
  return e != nullptr && e->payload.allows(to_write);
}

// A completion smaller than the STU is entered as it is.
unsigned atc_store::entry_shift(unsigned completed) const {
  if (completed <= m_stu_shift || m_sizes == atc_sizes::smallest_only) {
    return std::min(completed, m_stu_shift);
  }
  if (completed >= m_largest_shift) return m_largest_shift;
  return m_sizes == atc_sizes::any ? completed : m_stu_shift;
}

void atc_store::fill(const atc_key& key, std::uint64_t address,
                     const arch::ats_completion& granted) {
  store::part& part = part_of(key);
  if (part.capacity() == 0) return;
  const unsigned shift = entry_shift(granted.size_shift);
  translation t;
  t.input = address & ~base::low_mask(shift);
  t.output = granted.address + (t.input & base::low_mask(granted.size_shift));
  t.size_shift = static_cast<std::uint8_t>(shift);
  t.read = granted.read;
  t.write = granted.write;
  m_stats.fills += 1;
  m_stats.narrowed += shift < granted.size_shift ? 1 : 0;
  // One of another size, with fewer permissions, would hide the new one.
  const auto* const old = part.probe(key.tag(), address);
  if (old != nullptr && old->size_shift != shift) {
    part.invalidate_page(key.tag(), address, old->size_shift);
  }
  if (part.insert(key.tag(), t.input, shift, t)) m_stats.evictions += 1;
}

void atc_store::invalidate(const arch::ats_message& inv) {
  m_stats.invalidated += m_store.invalidate_if(
      [&inv](std::uint64_t tag, std::uint64_t address, unsigned shift, const translation&) {
        return overlap(address, shift, inv.address, inv.size_shift) &&
               atc_key::of_tag(tag).reached_by(inv);
      });
}

}  // namespace svasim::device
