// The storage of TLBs, walk caches, configuration caches and system-level caches: sets, ways, a
// replacement policy, and entries of mixed page sizes in one structure. No time: the module around
// it decides what a lookup costs.
//
// An entry is found by (tag, address >> size_shift, size_shift) and stands in the set of its own
// page number, (address >> size_shift) % sets. A lookup does not know the size, so it probes once
// for each size present, smallest first: a 2 MiB entry hits on every 4 KiB page inside it, and one
// present size costs one probe. (Indexing a block under the set of its base 4 KiB page would hide
// most of it.) With geometry::index_bit, smaller pages stand in the set of the address from that
// bit up: all pages of 2 MiB in one set, for 21.
//
// Left out: banks, ports and sectors; allocation below one way.
#pragma once

#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>

#include "base/bits.h"
#include "uarch/fingerprints.h"
#include "uarch/geometry.h"
#include "uarch/hash.h"
#include "uarch/replacement_state.h"
#include "uarch/slot_index.h"
#include "uarch/zeroed_array.h"

namespace svasim::uarch {

/// Tag: small, comparable, hashable, e.g. StreamID, ASID and VMID packed in a word. Payload: what a
/// hit yields. Both trivially copyable. Memory is allocated at construction only.
///
/// Pointers to payloads stay valid until the next insert, invalidate or clear.
template <class Tag, class Payload, class Hash = std::hash<Tag>>
class set_associative_cache {
 public:
  struct entry {
    Tag tag;
    std::uint64_t address;    ///< of the first byte of the page
    std::uint8_t size_shift;  ///< log2 of the page size in bytes, 0 to 63
    Payload payload;
  };

  /// Throws base::input_error where geometry::check does. `seed` matters for replacement::random.
  set_associative_cache(const geometry& shape, replacement policy, std::uint64_t seed = 1);

  /// The payload of the smallest page that covers `address`, or null. Updates the replacement
  /// state.
  Payload* lookup(const Tag& tag, std::uint64_t address) { return use(find_any(tag, address)); }
  /// As lookup, but only pages of one size: a walk-cache level.
  Payload* lookup(const Tag& tag, std::uint64_t address, unsigned size_shift) {
    return use(find_present(tag, address, size_shift));
  }
  /// As lookup, without a trace in the replacement state. The whole entry, to learn its size.
  const entry* probe(const Tag& tag, std::uint64_t address) const {
    return item(find_any(tag, address));
  }
  const entry* probe(const Tag& tag, std::uint64_t address, unsigned size_shift) const {
    return item(find_present(tag, address, size_shift));
  }

  /// Enter the page of 2^size_shift bytes around `address`, or overwrite the payload of an entry
  /// with the same key (which counts as a hit). True where another entry had to leave, which
  /// `leaving(const entry&)` sees before it does.
  template <class Leaving>
  bool insert(const Tag& tag, std::uint64_t address, unsigned size_shift, const Payload& payload,
              Leaving&& leaving);
  bool insert(const Tag& tag, std::uint64_t address, unsigned size_shift, const Payload& payload) {
    return insert(tag, address, size_shift, payload, [](const entry&) {});
  }

  /// Drop the entry of exactly this page; false where there is none.
  bool invalidate_page(const Tag& tag, std::uint64_t address, unsigned size_shift);
  /// Drop every entry for which `doomed(tag, address, size_shift, payload&)` is true; visited by
  /// set, then way. Returns how many. Walks the whole structure.
  template <class Predicate>
  std::uint32_t invalidate_if(Predicate&& doomed);
  /// Drop all. The replacement state stays as it is, as in hardware.
  void clear() {
    invalidate_if([](const Tag&, std::uint64_t, unsigned, const Payload&) { return true; });
  }
  /// Call `f(const entry&)` for every entry, by set, then way.
  template <class F>
  void for_each(F&& f) const;

  /// Entries held.
  std::uint32_t size() const { return m_size; }
  std::uint32_t capacity() const { return m_shape.entries; }
  std::uint32_t ways() const { return m_shape.ways; }
  std::uint32_t sets() const { return m_sets; }
  /// Bit n is set where an entry of 2^n bytes is held.
  std::uint64_t sizes_present() const { return m_present; }

 private:
  static_assert(std::is_trivially_copyable_v<Tag> && std::is_trivially_copyable_v<Payload>);
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  static_assert(none == slot_index::none && none == fingerprints::none);
  static std::uint64_t hash_of(std::uint64_t tag_hash, std::uint64_t page, unsigned shift) {
    return mix(page, tag_hash + (std::uint64_t{shift} << 58));
  }
  std::uint32_t set_of_page(std::uint64_t page, unsigned shift) const {
    if (m_shape.index_bit > shift) page >>= m_shape.index_bit - shift;
    return static_cast<std::uint32_t>(m_mask_sets ? page & (m_sets - 1) : page % m_sets);
  }
  bool is(const entry& e, const Tag& tag, std::uint64_t address, unsigned shift) const {
    return ((e.address ^ address) >> shift) == 0 && e.size_shift == shift && e.tag == tag;
  }
  const entry* item(std::uint32_t slot) const { return slot == none ? nullptr : &m_items[slot]; }
  Payload* use(std::uint32_t slot) {
    if (slot == none) {
      return nullptr;
    }
    m_replacement.touch_slot(slot);
    return &m_items[slot].payload;
  }
  // These return a slot, set * ways + way, or `none`: one register, as a struct costs a stall here.
  [[gnu::always_inline]] std::uint32_t find(const Tag& tag, std::uint64_t tag_hash,
                                            std::uint64_t address, unsigned shift) const;
  [[gnu::noinline]] std::uint32_t find_indexed(const Tag& tag, std::uint64_t hash,
                                               std::uint64_t address, unsigned shift) const;
  std::uint32_t find_any(const Tag& tag, std::uint64_t address) const;
  std::uint32_t find_present(const Tag& tag, std::uint64_t address, unsigned shift) const;
  void count(unsigned shift) {
    ++m_count_of_size[shift];
    m_present |= std::uint64_t{1} << shift;
  }
  void uncount(unsigned shift) {
    if (--m_count_of_size[shift] == 0) m_present &= ~(std::uint64_t{1} << shift);
  }
  void drop(std::uint32_t slot);

  geometry m_shape;
  std::uint32_t m_sets;
  bool m_mask_sets;
  bool m_indexed;  // m_index finds entries, else m_prints
  std::uint32_t m_size = 0;
  std::uint64_t m_present = 0;
  zeroed_array<std::uint32_t> m_count_of_size;
  zeroed_array<std::uint8_t> m_valid;  // for walks over all slots
  zeroed_array<entry> m_items;
  fingerprints m_prints;
  slot_index m_index;
  replacement_state m_replacement;
};

template <class Tag, class Payload, class Hash>
set_associative_cache<Tag, Payload, Hash>::set_associative_cache(const geometry& shape,
                                                                 replacement policy,
                                                                 std::uint64_t seed)
    : m_shape((shape.check(policy), shape)),
      m_sets(shape.sets()),
      m_mask_sets(base::is_power_of_two(m_sets)),
      m_indexed(shape.ways > fingerprints::max_ways),
      m_count_of_size(64),
      m_valid(shape.entries),
      m_items(shape.entries),
      m_prints(m_indexed ? geometry{} : shape),
      m_index(m_indexed ? shape : geometry{}),
      m_replacement(shape, policy, seed) {}

template <class Tag, class Payload, class Hash>
inline std::uint32_t set_associative_cache<Tag, Payload, Hash>::find(const Tag& tag,
                                                                     std::uint64_t tag_hash,
                                                                     std::uint64_t address,
                                                                     unsigned shift) const {
  const std::uint64_t page = address >> shift;
  const std::uint64_t hash = hash_of(tag_hash, page, shift);
  if (m_indexed) {
    return find_indexed(tag, hash, address, shift);
  }
  const std::uint32_t set = set_of_page(page, shift);
  const std::uint32_t first = set * m_shape.ways;
  const std::uint32_t way = m_prints.find(
      set, hash, [&](std::uint32_t w) { return is(m_items[first + w], tag, address, shift); });
  return way == none ? none : first + way;
}

template <class Tag, class Payload, class Hash>
std::uint32_t set_associative_cache<Tag, Payload, Hash>::find_indexed(const Tag& tag,
                                                                      std::uint64_t hash,
                                                                      std::uint64_t address,
                                                                      unsigned shift) const {
  return m_index.find(hash,
                      [&](std::uint32_t slot) { return is(m_items[slot], tag, address, shift); });
}

template <class Tag, class Payload, class Hash>
std::uint32_t set_associative_cache<Tag, Payload, Hash>::find_any(const Tag& tag,
                                                                  std::uint64_t address) const {
  const std::uint64_t tag_hash = Hash{}(tag);
  for (std::uint64_t sizes = m_present; sizes != 0; sizes &= sizes - 1) {
    const auto shift = static_cast<unsigned>(__builtin_ctzll(sizes));
    const std::uint32_t slot = find(tag, tag_hash, address, shift);
    if (slot != none) {
      return slot;
    }
  }
  return none;
}

template <class Tag, class Payload, class Hash>
std::uint32_t set_associative_cache<Tag, Payload, Hash>::find_present(const Tag& tag,
                                                                      std::uint64_t address,
                                                                      unsigned shift) const {
  return base::bit(m_present, shift) ? find(tag, Hash{}(tag), address, shift) : none;
}

template <class Tag, class Payload, class Hash>
template <class Leaving>
bool set_associative_cache<Tag, Payload, Hash>::insert(const Tag& tag, std::uint64_t address,
                                                       unsigned size_shift, const Payload& payload,
                                                       Leaving&& leaving) {
  if (m_shape.entries == 0) {
    return false;
  }
  const std::uint64_t page = address >> size_shift;
  const std::uint64_t hash = hash_of(Hash{}(tag), page, size_shift);
  const std::uint32_t set = set_of_page(page, size_shift);
  if (base::bit(m_present, size_shift)) {
    const std::uint32_t first = set * m_shape.ways;
    std::uint32_t held = none;
    if (m_indexed) {
      held = find_indexed(tag, hash, address, size_shift);
    } else if (const std::uint32_t way = m_prints.find_shared(set, hash,
                                                              [&](std::uint32_t w) {
                                                                return is(m_items[first + w], tag,
                                                                          address, size_shift);
                                                              });
               way != none) {
      held = first + way;
    }
    if (held != none) {
      *use(held) = payload;
      return false;
    }
  }
  std::uint32_t way = none;
  if (m_size != m_shape.entries) {
    way = m_indexed ? m_index.free_way(set) : m_prints.free_way(set);
  }
  const bool full = way == none;
  if (full) way = m_replacement.victim(set);
  const std::uint32_t slot = set * m_shape.ways + way;
  entry& e = m_items[slot];
  if (full) {
    leaving(std::as_const(e));
    m_indexed ? m_index.replace(slot, hash) : m_prints.put(set, way, hash);
  } else {
    m_indexed ? m_index.add(set, way, hash) : m_prints.put(set, way, hash);
    m_valid[slot] = 1;
    ++m_size;
  }
  if (!full || e.size_shift != size_shift) {
    if (full) uncount(e.size_shift);
    count(size_shift);
  }
  e.tag = tag;
  e.address = page << size_shift;
  e.size_shift = static_cast<std::uint8_t>(size_shift);
  e.payload = payload;
  m_replacement.fill(set, way);
  return full;
}

template <class Tag, class Payload, class Hash>
void set_associative_cache<Tag, Payload, Hash>::drop(std::uint32_t slot) {
  const std::uint32_t set = slot / m_shape.ways;
  const std::uint32_t way = slot % m_shape.ways;
  m_valid[slot] = 0;
  if (m_indexed) {
    m_index.remove(set, way);
  } else {
    m_prints.remove(set, way);
  }
  --m_size;
  uncount(m_items[slot].size_shift);
}

template <class Tag, class Payload, class Hash>
bool set_associative_cache<Tag, Payload, Hash>::invalidate_page(const Tag& tag,
                                                                std::uint64_t address,
                                                                unsigned size_shift) {
  const std::uint32_t slot = find_present(tag, address, size_shift);
  if (slot == none) {
    return false;
  }
  drop(slot);
  return true;
}

template <class Tag, class Payload, class Hash>
template <class Predicate>
std::uint32_t set_associative_cache<Tag, Payload, Hash>::invalidate_if(Predicate&& doomed) {
  const std::uint32_t before = m_size;
  std::uint32_t left = before;
  for (std::uint32_t slot = 0; left != 0; ++slot) {
    if (m_valid[slot] == 0) {
      continue;
    }
    --left;
    entry& e = m_items[slot];
    if (doomed(std::as_const(e.tag), e.address, unsigned{e.size_shift}, e.payload)) {
      drop(slot);
    }
  }
  return before - m_size;
}

template <class Tag, class Payload, class Hash>
template <class F>
void set_associative_cache<Tag, Payload, Hash>::for_each(F&& f) const {
  std::uint32_t left = m_size;
  for (std::uint32_t slot = 0; left != 0; ++slot) {
    if (m_valid[slot] != 0) {
      --left;
      f(m_items[slot]);
    }
  }
}

}  // namespace svasim::uarch
