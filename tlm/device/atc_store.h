// The translations an ATC holds (PCIe 10.2.3, 10.2.4): by function, PASID, privilege and address,
// of the sizes that its parameters allow. No time and no messages.
//
// Leaves out: global entries, U, N and memory attributes, which an SMMU never sets; execute.
#pragma once

#include "arch/ats.h"
#include "arch/ats_message.h"
#include "stats/counter.h"
#include "tlm/device/atc_params.h"
#include "uarch/partitioned_cache.h"

namespace svasim::device {

struct atc_store_stats : stats::group {
  explicit atc_store_stats(stats::group* parent) : group(parent, "cache") {}
  stats::counter lookups{this, "lookups", "lookups", "Lookups made."};
  stats::counter hits{this, "hits", "lookups", "Lookups that found what the access needs."};
  stats::counter misses{this, "misses", "lookups", "Lookups that did not."};
  stats::counter read_only{this, "read_only", "lookups",
                           "Misses of writes that found a translation for reads."};
  stats::counter fills{this, "fills", "entries", "Entries written."};
  stats::counter narrowed{this, "narrowed", "entries",
                          "Entries that hold part of what the completion covers."};
  stats::counter evictions{this, "evictions", "entries", "Entries that left for others."};
  stats::counter invalidated{this, "invalidated", "entries",
                             "Entries removed by Invalidate Requests."};
};

/// Whose translation it is.
struct atc_key {
  std::uint16_t requester_id = 0;
  bool has_ssid = false;
  std::uint32_t ssid = 0;  ///< 0 without
  bool privileged = false;

  std::uint64_t tag() const {
    return std::uint64_t{requester_id} << 32 | std::uint64_t{privileged} << 21 |
           std::uint64_t{has_ssid} << 20 | ssid;
  }
  /// Does an Invalidate Request reach it? Without PASID it does whatever the PASID.
  bool reached_by(const arch::ats_message& inv) const {
    return requester_id == (inv.sid.value() & 0xffff) &&
           (!inv.has_ssid || (has_ssid && ssid == inv.ssid.value()));
  }
  static atc_key of_tag(std::uint64_t tag) {
    return {static_cast<std::uint16_t>(tag >> 32), (tag >> 20 & 1) != 0,
            static_cast<std::uint32_t>(tag & 0xfffff), (tag >> 21 & 1) != 0};
  }
};

/// Have two naturally aligned ranges a byte in common?
constexpr bool overlap(std::uint64_t a, unsigned a_shift, std::uint64_t b, unsigned b_shift) {
  const unsigned shift = a_shift < b_shift ? b_shift : a_shift;
  return shift >= 64 || (a ^ b) >> shift == 0;
}

class atc_store {
 public:
  struct translation {
    std::uint64_t input = 0;
    std::uint64_t output = 0;
    std::uint8_t size_shift = 12;
    bool read = false, write = false;

    bool allows(bool to_write) const { return to_write ? write : read; }
    std::uint64_t apply(std::uint64_t address) const { return output + (address - input); }
  };

  atc_store(const atc_params& params, std::uint64_t seed, stats::group* parent);

  /// A translation that allows the access, or null; counted. Valid until the next fill.
  const translation* find(const atc_key& key, std::uint64_t address, bool to_write);
  /// Whether find() would, uncounted and without a trace.
  bool holds(const atc_key& key, std::uint64_t address, bool to_write) const;
  /// Enter what a completion grants for `address`.
  void fill(const atc_key& key, std::uint64_t address, const arch::ats_completion& granted);
  void invalidate(const arch::ats_message& inv);

  const atc_store_stats& statistics() const { return m_stats; }

 private:
  using store = uarch::partitioned_cache<std::uint64_t, translation>;
  store::part& part_of(const atc_key& key) { return m_store[key.ssid % m_store.partitions()]; }
  unsigned entry_shift(unsigned completed) const;

  const unsigned m_stu_shift;
  const unsigned m_largest_shift;
  const atc_sizes m_sizes;
  atc_store_stats m_stats;
  mutable store m_store;
};

}  // namespace svasim::device
