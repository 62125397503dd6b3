#include "tlm/device/page_request_params.h"

namespace svasim::device {

void page_request_params::describe(describe::visitor& v) {
  v.field("enabled", enabled,
          "Absent pages are requested (PRI); else an access to one fails at once.",
          "T: PCIe 10.5.2, PRI control bit 0");
  v.field("capacity", capacity, {1, 65536}, "requests",
          "Outstanding Page Request Capacity: what the device could have outstanding.",
          "M: 512 of Intel DSA, measurements 8");
  v.field("allocation", allocation, {1, 65536}, "requests",
          "Outstanding Page Request Allocation: what the host allows it.",
          "T: Linux asks for 16 on a host, 4 in a guest");
  v.field("indices", indices, {1, 512}, "groups", "Page request groups under way.",
          "T: PCIe 10.4.1, PRG index of 9 bits");
  v.field("group_pages", group_pages, {1, 64}, "pages", "Pages in one group at most.",
          "A: assumed");
  v.field("window", window, base::ns(0), base::us(1000),
          "An absent page waits that long for others of its PASID to form a group with.",
          "A: none, only what is known at the moment");
  v.field("retries", retries, {0, 1000000}, "times",
          "A page that is absent again after its group succeeded is requested anew so often.",
          "A: assumed; PCIe leaves it open, and an overflown queue answers success");
  v.field("retry_pause", retry_pause, base::ns(0), base::us(1'000'000),
          "Pause before such a page is requested anew.", "A: assumed");
  v.field("timeout", timeout, base::us(1), base::us(100'000'000),
          "A group that is not answered by then is given up, and its pages are asked for anew.",
          "A: assumed; PCIe has none");
  v.field("backoff", backoff, {0, 20}, "times",
          "Patience with a slow host: each further time that a page is absent again its pause is "
          "twice as long and its group at most half as large, and each time that a group is given "
          "up the time-out is twice as long, at most so many times.",
          "A: assumed; PCIe leaves it open");
}

}  // namespace svasim::device
