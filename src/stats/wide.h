// 128-bit sums: 64 bits of entry-ps or of summed picoseconds can overflow in a long run.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace svasim::stats {

using uint128 = unsigned __int128;

/// A JSON integer where it fits 64 bits, else its decimal digits as a string: exact either way.
nlohmann::json to_json(uint128 v);

}  // namespace svasim::stats
