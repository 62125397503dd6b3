// What a DMA engine asks: the next access, now. A replay stands behind it and holds an access back
// while software still has to change a table for it.
#pragma once

#include <cstdint>
#include <functional>

#include "trace/record.h"

namespace svasim::trace {

enum class pull : std::uint8_t {
  ready,    ///< `out` holds the next access
  blocked,  ///< not yet: the wake-up function will be called when it is worth asking again
  end,      ///< there are no more
};

class feed {
 public:
  virtual ~feed() = default;
  /// Only records of kind access are handed out.
  virtual pull next(record& out) = 0;
  /// Every part of an access that next() gave is complete. Called only if wants_completions().
  virtual void completed(const record& access) = 0;
  /// Instead of completed(), where a part was answered with an error.
  virtual void failed(const record& access) { completed(access); }
  virtual bool wants_completions() const = 0;
  /// The function to call after next() said blocked.
  virtual void on_ready(std::function<void()> wake) = 0;
};

}  // namespace svasim::trace
