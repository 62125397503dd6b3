// Functional translation: drives a translation_walk to its end with a memory that answers at once.
#pragma once

#include <cstdint>

#include "arch/walk.h"
#include "base/address.h"

namespace svasim::arch {

/// Translate with no caches. `read(const fetch_request& f, std::uint64_t* words)` fills f.size / 8
/// words and returns true, or returns false for an external abort.
template <class Reader>
translation_result translate(const register_view& regs, Reader&& read,
                             const access_request& request) {
  translation_walk walk;
  walk.start(regs, request);
  for (;;) {
    switch (walk.next()) {
      case translation_walk::step::fetch: {
        std::uint64_t words[8];
        if (read(walk.fetch(), words)) {
          walk.supply(words);
        } else {
          walk.supply_abort();
        }
        break;
      }
      case translation_walk::step::done:
        return walk.result();
      default:
        break;
    }
  }
}

}  // namespace svasim::arch
