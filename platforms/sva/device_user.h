// Who makes the device of an SVA platform work: processes that hand it messages (process_user.h),
// or a trace whose accesses it makes (trace_user.h, viommu_user.h). Says how many functions the
// device has, gives its engine a feed, and knows when all is done.
#pragma once

#include <cstdint>
#include <exception>
#include <string>

#include "stats/group.h"
#include "trace/feed.h"

namespace svasim::platforms {

class sva_platform;

class device_user {
 public:
  virtual ~device_user() = default;
  /// Functions of the device; where the variant has guests, each belongs to a VM of its own.
  virtual std::uint32_t functions() const = 0;
  /// RequesterID of a function.
  virtual std::uint16_t requester_id(std::uint32_t function) const = 0;
  /// All functions belong to one VM.
  virtual bool shares_guest() const { return false; }
  /// Before anything is built.
  virtual trace::feed& build_feed(stats::group* device) = 0;
  /// Hardware and host stand: make the processes.
  virtual void start(sva_platform& p) = 0;
  virtual bool finished() const = 0;
  /// What is not done, for people: "3 processes are not done, 5 messages".
  virtual std::string left() const = 0;
  /// What the feed threw: SystemC hands on no more than its text.
  virtual std::exception_ptr failure() const { return nullptr; }
};

}  // namespace svasim::platforms
