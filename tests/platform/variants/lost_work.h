// Work that the model forgets, for tests that must find it. lost_work.cpp stands before functions
// of the model: the linker leads their callers there (ld --wrap).
#pragma once

#include <cstdint>
#include <optional>

#include "base/ids.h"

namespace svasim::test {

enum class lost_work : std::uint8_t {
  nothing,
  atc_inv,         ///< lists of ATC_INV are not written by who has them to write
  atc_entries,     ///< the ATC keeps what it says it has dropped
  page_responses,  ///< CMD_PRI_RESP is not written
};
inline lost_work lost = lost_work::nothing;
/// Only ATC_INV for this StreamID are lost; empty: all.
inline std::optional<base::stream_id> lost_stream;
/// Lists of ATC_INV written, or lost.
inline std::uint64_t atc_invalidations = 0;

}  // namespace svasim::test
