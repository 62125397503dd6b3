// Who makes the devices of an SVA platform work: processes that hand them messages
// (process_user.h), or a trace whose accesses they make (trace_user.h, viommu_user.h). Says which
// functions the devices have, gives their engines feeds, and knows when all is done.
#pragma once

#include <cstdint>
#include <exception>
#include <string>

#include "base/ids.h"
#include "platforms/topology.h"
#include "stats/group.h"
#include "trace/feed.h"

namespace svasim::platforms {

class sva_platform;

class device_user {
 public:
  virtual ~device_user() = default;
  /// Before anything is built: the devices that there are. Throws base::input_error where it does
  /// not fit.
  virtual void place(const topology_plan& plan) = 0;
  /// Functions of the devices.
  virtual std::uint32_t functions() const = 0;
  virtual base::stream_id stream(std::uint32_t function) const = 0;
  /// Where the variant has guests, which VM a function belongs to: no number is left out, and none
  /// is less than that of the function before.
  virtual std::uint32_t vm_of(std::uint32_t function) const { return function; }
  /// Once for each device, in order.
  virtual trace::feed& build_feed(unsigned device, stats::group* statistics) = 0;
  /// Hardware and host stand: make the processes.
  virtual void start(sva_platform& p) = 0;
  virtual bool finished() const = 0;
  /// What is not done, for people: "3 processes are not done, 5 messages".
  virtual std::string left() const = 0;
  /// What the feed threw: SystemC hands on no more than its text.
  virtual std::exception_ptr failure() const { return nullptr; }
};

}  // namespace svasim::platforms
