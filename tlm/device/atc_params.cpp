#include "tlm/device/atc_params.h"

#include "base/bits.h"
#include "uarch/partitioned_cache.h"

namespace svasim::device {

void atc_params::describe(describe::visitor& v) {
  cache_params::describe(v);
  v.field("ports", ports, {0, 64}, "ports", "Lookups under way at a time; 0: no limit.",
          "A: no limit");
  v.field("partitions", partitions, {1, 1024}, "partitions",
          "The ways are shared out among so many PASIDs, each using those of its number modulo it.",
          "A: one, all share");
  v.field("index_bit", index_bit, {0, 47}, "",
          "Lowest address bit of the set index; an entry that is larger, and every entry with 0, "
          "has the index begin at its own page number.",
          "A: by page number");
  v.field("stu", stu, base::kib(4), base::gib(1),
          "Smallest translation unit, a power of two: what one Translation Request asks for.",
          "T: PCIe 10.5.1, ATS control bits 4:0; 4 KiB A");
  v.field("largest", largest, base::kib(4), base::gib(64),
          "Largest part of a completion that one entry holds, a power of two.",
          "A: a block of level 2");
  v.choice("sizes", sizes,
           {{"any", atc_sizes::any},
            {"two", atc_sizes::two},
            {"smallest_only", atc_sizes::smallest_only}},
           "Sizes an entry may have between the STU and the largest.", "A: any");
  v.field("slots", slots, {1, 65536}, "requests",
          "Requests in the ATC, from the engine until the link takes them or they fail.",
          "A: as many as the engine's reads and writes");
  v.field("coalesce", coalesce, "Requests to a page that is being asked for wait for that answer.",
          "A: assumed");
  v.field("requests", requests, {1, 4096}, "requests", "Translation Requests under way.",
          "A: tags of measurements 11");
  v.field("translations_per_request", translations_per_request, {1, 64}, "STUs",
          "A Translation Request asks for so many STUs one behind the other, 8 bytes of completion "
          "each, as far as its naturally aligned block of them goes.",
          "A: one; T: PCIe 10.2.2, Length of 2 DW for each");
  v.field("prefetch", prefetch, {0, 64}, "STUs",
          "Behind a Translation Request, the next so many STUs are asked for as well, as long as "
          "requests may be under way.",
          "A: none");
  v.field("invalidate_queue", invalidate_queue, {1, 32}, "messages",
          "Invalidate Requests in the device that are not served yet; the link holds more.",
          "T: PCIe 10.5.1, Invalidate Queue Depth up to 32");
  v.field("invalidate_time", invalidate_time, base::ns(0), base::us(1000),
          "Service of one Invalidate Request, one after the other, without draining.",
          "A: measurements 11");
  v.field("drain_writes", drain_writes,
          "An Invalidate Completion also waits until memory has taken the writes that it covers; "
          "else it stays behind them on the link.",
          "T: PCIe 10.3, the completion pushes them");
  v.group("page_requests", page_requests, "Page-request interface.");
  v.rule(base::is_power_of_two(stu.value()), "stu", "the STU must be a power of two");
  v.rule(base::is_power_of_two(largest.value()), "largest",
         "the largest entry must be a power of two");
  v.rule(stu <= largest, "largest", "the largest entry is smaller than the STU");
  v.rule(translations_per_request == 1 || stu == base::kib(4), "translations_per_request",
         "several translations a request need an STU of 4KiB, the SMMU's smallest granule");
  const std::string problem = uarch::partition_defect(shape(), partitions);
  v.rule(problem.empty(), "partitions", problem);
}

unsigned atc_params::stu_shift() const {
  return base::log2_floor(stu.value());
}

unsigned atc_params::largest_shift() const {
  return base::log2_floor(largest.value());
}

}  // namespace svasim::device
