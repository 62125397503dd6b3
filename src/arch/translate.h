// Functional translation: drives a translation_walk to its end with a memory that answers at once.
#pragma once

#include <cstdint>

#include "arch/walk.h"
#include "base/address.h"

namespace svasim::arch {

/// Drive a started walk. `read(const fetch_request& f, std::uint64_t* words)` fills f.size / 8
/// words and returns true, or returns false for an external abort. `update(const fetch_request& at,
/// const descriptor_update& u, std::uint64_t& found)` compares and swaps the descriptor at
/// at.address: `found` is what it was before; false for an external abort.
template <class Reader, class Updater>
void run(translation_walk& walk, Reader&& read, Updater&& update) {
  for (;;) {
    switch (walk.next()) {
      case translation_walk::step::fetch: {
        std::uint64_t words[8];
        read(walk.fetch(), words) ? walk.supply(words) : walk.supply_abort();
        break;
      }
      case translation_walk::step::update: {
        std::uint64_t found = 0;
        update(walk.fetch(), walk.update(), found) ? walk.supply_update(found)
                                                   : walk.supply_abort();
        break;
      }
      case translation_walk::step::done:
        return;
      default:
        break;
    }
  }
}

/// For memory that is only read: every update of a descriptor is taken as done.
struct no_update {
  bool operator()(const fetch_request&, const descriptor_update& u, std::uint64_t& found) const {
    found = u.expected;
    return true;
  }
};

/// Translate with no caches; see run() for `read` and `update`.
template <class Reader, class Updater>
translation_result translate(const register_view& regs, Reader&& read, Updater&& update,
                             const access_request& request) {
  translation_walk walk;
  walk.start(regs, request);
  run(walk, read, update);
  return walk.result();
}

/// Translate without changing memory.
template <class Reader>
translation_result translate(const register_view& regs, Reader&& read,
                             const access_request& request) {
  return translate(regs, read, no_update{}, request);
}

}  // namespace svasim::arch
