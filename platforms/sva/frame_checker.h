// The isolation checker of an SVA platform (--check): every access of a device that reaches memory
// must go to the frame that its process has at that address, or had until the pages were given
// back, and may write only what is writable. A frame is given back when its invalidation is over,
// so an access behind that used a translation after its invalidation had completed. Kept by the
// processes' memory management, apart from tables and caches.
//
// Leaves out: the time between the store that removes a page and the end of its invalidation, in
// which old translations may be used.
#pragma once

#include <tsl/robin_map.h>

#include <array>
#include <string>

#include "base/address.h"
#include "base/ids.h"
#include "platforms/isolation_checker.h"

namespace svasim::platforms {

class frame_checker {
 public:
  /// The process `pasid` has the frame at `address` from now on; PA of the frame.
  void mapped(std::uint32_t pasid, std::uint64_t address, std::uint64_t frame, bool writable);
  /// Invalidation is over: nobody may use the frame.
  void released(std::uint64_t frame);
  /// Invalidation is over: the frame may not be written.
  void made_read_only(std::uint64_t frame);

  /// An access that goes to memory; PASID 0: of any process. Throws isolation_error with what
  /// happened last.
  void check(std::uint32_t pasid, std::uint64_t address, std::uint64_t output, bool write);
  std::uint64_t checked() const { return m_checked; }

 private:
  struct owner {
    std::uint32_t pasid = 0;
    std::uint64_t page = 0;
    bool writable = false;
  };
  void note(const char* what, std::uint64_t frame, const owner& o);

  tsl::robin_map<std::uint64_t, owner> m_owners;  // by frame number
  std::array<std::string, 8> m_history;
  std::uint64_t m_events = 0;
  std::uint64_t m_checked = 0;
};

}  // namespace svasim::platforms
