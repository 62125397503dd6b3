// Any bytes as a workload in JSON: refused, or its first records are made; or the plan of an SVA
// workload.
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "base/error.h"
#include "fuzz_input.h"
#include "workloads/generator.h"
#include "workloads/sva_workload.h"

using namespace svasim;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int fd = ::memfd_create("fuzz", 0);
  fuzz::require(fd >= 0 && ::write(fd, data, size) == static_cast<ssize_t>(size), "memfd");
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  try {
    if (workloads::is_sva_workload(path)) {
      const trace::sva_plan plan = workloads::read_sva_workload(path);
      fuzz::require(plan.pages() * plan.buffers <= 1u << 22, "buffers of a process");
    }
  } catch (const base::input_error&) {
    // as it should be
  }
  try {
    workloads::generator_params p = workloads::read_workload(path);
    p.accesses = p.accesses % 1000 + 1;
    workloads::generator g(p);
    const std::uint64_t size_of_region = p.region_size().value();
    for (trace::record r; g.next(r);) {
      if (r.kind != trace::record_kind::access) continue;
      const std::uint64_t into = r.address.value() - p.address.value();
      fuzz::require(into < size_of_region && r.length <= size_of_region - into, "region");
    }
  } catch (const base::input_error&) {
    // as it should be
  }
  ::close(fd);
  return 0;
}
