#include "uarch/miss_file.h"

#include <fmt/format.h>

#include "base/error.h"

namespace svasim::uarch::detail {

void check_miss_file(std::uint32_t entries, std::uint32_t waiters) {
  constexpr std::uint32_t most = 1u << 20;
  if (entries > most || waiters > most) {
    throw base::input_error(
        fmt::format("a miss file has at most {} entries and as many waiters, not {} and {}", most,
                    entries, waiters));
  }
}

}  // namespace svasim::uarch::detail
