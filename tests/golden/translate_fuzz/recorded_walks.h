// The walks of a case so far: who has read a word, so that an edit of it can be covered by the
// invalidations that the architecture asks for (Arm IHI 0070 3.21, 4.3, 4.4).
#pragma once

#include <set>
#include <tuple>
#include <vector>

#include "arch/command.h"
#include "base/rng.h"
#include "random_image.h"

namespace svasim::test {

/// One read of a walk, with all by which caches may know what came of it.
struct touch {
  arch::config_key key;
  std::uint64_t va = 0;  ///< page of the query
  arch::fetch_kind kind = arch::fetch_kind::ste;
  std::int8_t level = 0;
  std::uint64_t address = 0;
  std::uint8_t size = 8;
  std::uint8_t granule_shift = 12;
  bool for_cd = false;  ///< stage 2 of a CD table
  bool leaf = false;    ///< the page or block of stage 1 that the walk ended in
  bool nested = false;
  std::uint64_t ipa = 0;  ///< of a stage 2 descriptor
  base::vmid vmid;
  base::asid asid;
  arch::stream_world world = arch::stream_world::ns_el1;

  auto tie() const {
    return std::make_tuple(address, size, kind, level, key.sid, key.has_ssid, key.ssid, va,
                           granule_shift, for_cd, leaf, nested, ipa, vmid, asid, world);
  }
  friend bool operator<(const touch& a, const touch& b) { return a.tie() < b.tie(); }
};

/// A walk without caches, and what it read.
struct pure_walk {
  arch::translation_result result;
  std::vector<touch> touches;
  std::vector<touch> updated;  ///< descriptors that it wrote (HTTU)
};
pure_walk walk_purely(const scenario::scenario& s, const arch::register_view& regs,
                      random_image& image, const arch::access_request& request);

class recorded_walks {
 public:
  void add(const pure_walk& w) { m_all.insert(w.touches.begin(), w.touches.end()); }
  bool empty() const { return m_all.empty(); }
  const touch& any(base::rng& g) const;
  /// Those that read a byte of [address, address + size).
  std::vector<touch> readers(std::uint64_t address, std::uint64_t size) const;

 private:
  std::set<touch> m_all;  // by address
};

/// Commands that remove all that may be cached of what `t` read. `same_space`: the ASID of the
/// CD read by `t` stays with other contents.
std::vector<arch::command> covering(const touch& t, bool same_space, base::rng& g);
/// Any invalidation; `like` lends it some of its fields.
arch::command any_invalidation(const touch& like, base::rng& g);

}  // namespace svasim::test
