// Why a translation ended as it did, in one sentence that names the field.
#pragma once

#include <string>
#include <vector>

#include "arch/walk.h"
#include "platforms/scenario/explain_fields.h"
#include "platforms/scenario/scenario.h"

namespace svasim::scenario {

/// One fetch of a walk with what it brought.
struct fetched {
  fetch at;
  unsigned bytes = 8;
  bool aborted = false;
  arch::structure_words words{};
  table_format format;  ///< with a descriptor
};

/// `walk` is done; `fetches` are all it has made, without caches.
std::string reason(const arch::translation_walk& walk, const arch::register_view& regs,
                   const std::vector<fetched>& fetches);

}  // namespace svasim::scenario
