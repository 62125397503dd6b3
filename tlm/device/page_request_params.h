// Parameters of the page-request interface of a device.
#pragma once

#include "base/units.h"
#include "describe/visitor.h"

namespace svasim::device {

struct page_request_params {
  bool enabled = true;
  std::uint32_t capacity = 512;
  std::uint32_t allocation = 16;
  std::uint32_t indices = 512;
  std::uint32_t group_pages = 8;
  base::duration window = base::ns(0);
  std::uint32_t retries = 10000;
  base::duration retry_pause = base::us(10);
  base::duration timeout = base::us(100'000);
  std::uint32_t backoff = 6;
  void describe(describe::visitor& v);
  /// Page requests that may be outstanding at first.
  std::uint32_t credits() const { return capacity < allocation ? capacity : allocation; }
};

}  // namespace svasim::device
