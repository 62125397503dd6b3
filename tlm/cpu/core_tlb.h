// The TLBs of a cluster's cores, tags only (bytes are always those of memory): for each core a
// fully associative first level with LRU replacement, and a unified second level, whose set is a
// hash of the page number (the model's structures lie at round addresses, which would otherwise all
// fight for the same few sets). An entry is known by its address space and page. What hits the
// first level takes no time of its own; the second level takes its cycles whether it hits or not;
// what misses both is walked, and the cluster reads the leaf descriptors this module names through
// the core's own cache (Arm DDI 0487 D8).
//
// Address spaces are the linear map of the host kernel, the user space of VMMs, and the linear map
// of each guest kernel, whose entries combine both stages: of the smaller page, after a read of
// either stage's leaf. Software of the model has no virtual addresses of its own (kit/task.h), so
// a space is a fixed offset over what its machine calls physical. Tables of the CPUs are not bytes:
// a leaf descriptor has an address, 8 bytes a page, so that neighbours share a line.
//
// A TLBI drops what it names by VMID, ASID and virtual address. TLBI IPAS2E1 names no combined
// entry (DDI 0487 D8.14): KVM sends VMALLE1 after it, and that does.
//
// Leaves out: descriptors above the leaf (held in the cores' walk caches), prefetch of
// translations, contiguous and coalesced entries, instruction fetch, register accesses (in
// mmio_read and mmio_write), user space of processes (in the costs of their steps; nothing of it
// stands here, so TLBIs for it only take their time), VMMs one by one (they share no page), what a
// core that is told of a TLBI loses by it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "arch/invalidation.h"
#include "base/address.h"
#include "base/ids.h"
#include "describe/visitor.h"
#include "stats/counter.h"
#include "uarch/set_associative_cache.h"

namespace svasim::cpu {

/// By what a kernel maps memory for itself.
enum class map_page : std::uint8_t { page_4k, block_2m, block_1g };
unsigned shift_of(map_page p);
void describe_page(describe::visitor& v, const char* name, map_page& p, const char* sentence,
                   const char* provenance);

struct l2_tlb_params {
  std::uint32_t entries = 1280;
  std::uint32_t ways = 5;
  uarch::replacement policy = uarch::replacement::lru;
  std::uint32_t hit_cycles = 5;
  void describe(describe::visitor& v);
  uarch::geometry shape() const { return {entries, ways}; }
};

struct tlb_params {
  bool enabled = true;
  std::uint32_t l1_entries = 44;
  l2_tlb_params l2;
  map_page kernel_page = map_page::page_4k;
  map_page user_page = map_page::page_4k;
  void describe(describe::visitor& v);
};

struct tlb_stats : stats::group {
  explicit tlb_stats(stats::group* parent) : group(parent, "tlb") {}
  stats::counter l1_hits{this, "l1_hits", "accesses", "Accesses whose page the first level had."};
  stats::counter l2_hits{this, "l2_hits", "accesses", "Accesses whose page the second level had."};
  stats::counter walks{this, "walks", "walks", "Accesses whose page neither level had."};
  stats::counter walk_reads{this, "walk_reads", "reads", "Leaf descriptors read by these walks."};
  stats::counter invalidated{this, "invalidated", "entries",
                             "Entries of both levels dropped by TLB invalidations."};
};

/// How the addresses of an address space are translated.
struct tlb_space {
  base::vmid vmid;
  base::asid asid;
  bool global = true;                ///< of a kernel: of no ASID
  std::uint64_t virtual_base = 0;    ///< of its address 0
  unsigned page_shift = 12;          ///< of stage 1
  unsigned stage2_shift = 0;         ///< 0: no stage 2
  std::uint64_t leaves = 0;          ///< where the leaf descriptors of stage 1 lie
  std::uint64_t stage2_leaves = 0;   ///< and of stage 2
  std::uint64_t addresses_mask = 0;  ///< what of an address counts for where its descriptor lies

  /// Of an entry.
  unsigned entry_shift() const {
    return stage2_shift == 0 || page_shift < stage2_shift ? page_shift : stage2_shift;
  }
};

class core_tlbs {
 public:
  /// Where leaf descriptors lie: 1 TiB of the host's, then 32 GiB for each of 512 VMIDs.
  static constexpr std::uint64_t tables = 0x300000000000;
  static constexpr std::uint64_t tables_end = tables + (1ull << 40) + (512ull << 35);
  /// Kernels' linear maps begin here (arm64 with 48-bit addresses).
  static constexpr std::uint64_t linear_map = 0xffff000000000000;
  /// Spaces that are there from the start.
  static constexpr unsigned kernel_space = 0, user_space = 1;

  core_tlbs(const tlb_params& params, const std::vector<stats::group*>& cores);

  /// Another space, of a guest's kernel; returns its number.
  unsigned add_guest(base::vmid vmid, unsigned page_shift, unsigned stage2_shift);
  /// In place of what `space` was. Before anything was looked up in it.
  void change_guest(unsigned space, base::vmid vmid, unsigned page_shift, unsigned stage2_shift);

  enum class found : std::uint8_t { first, second, nowhere };
  /// Where a core has the page around `address`; found in the second level it is in the first
  /// afterwards.
  found lookup(unsigned core, unsigned space, std::uint64_t address) {
    one_core& c = *m_cores[core];
    const std::uint64_t page = address >> m_spaces[space].entry_shift();
    if (c.last_space != space || c.last_page != page) return find(c, space, address);
    c.stats.l1_hits += 1;
    return found::first;
  }

  /// What a walk reads, in order.
  struct walk {
    std::array<base::pa, 2> reads;
    unsigned count = 0;
    std::uint64_t begun = 0;  ///< for enter()
  };
  walk begin_walk(unsigned core, unsigned space, std::uint64_t address);
  /// Its walk is done: the page goes into both levels, unless it was invalidated meanwhile.
  void enter(unsigned core, unsigned space, std::uint64_t address, const walk& w);

  /// Drop what a TLBI names from all cores.
  void invalidate(const arch::command& tlbi);

  const tlb_stats& statistics(unsigned core) const { return m_cores[core]->stats; }

 private:
  using cache = uarch::set_associative_cache<std::uint32_t, std::uint64_t>;  // with the address
  static constexpr std::uint32_t no_space = ~0u;
  struct one_core {
    one_core(const tlb_params& params, stats::group* parent);
    cache first, second;
    tlb_stats stats;
    // What was used last is the first level's most recent entry: to use it again changes nothing.
    std::uint32_t last_space = no_space;
    std::uint64_t last_page = 0;
  };
  static std::uint64_t hashed(std::uint64_t address, unsigned shift) {
    const std::uint64_t page = address >> shift;  // one to one, so that tags still tell pages apart
    return (page ^ page >> 7 ^ page >> 14 ^ page >> 21 ^ page >> 28) << shift;
  }
  found find(one_core& c, unsigned space, std::uint64_t address);
  void use_first(one_core& c, unsigned space, std::uint64_t address);
  arch::entry_tag tag_of(unsigned space, std::uint64_t address, unsigned shift) const;

  const bool m_has_first;
  std::vector<tlb_space> m_spaces;
  std::vector<std::unique_ptr<one_core>> m_cores;
  std::uint64_t m_invalidations = 0;  // that may have dropped something
  arch::idr m_caps;                   // of the CPUs' TLBIs
};

}  // namespace svasim::cpu
