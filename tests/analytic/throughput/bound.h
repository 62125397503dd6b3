// Long runs with many requests under way, against the one resource that limits them.
#pragma once

#include "tests/support/closed_form.h"
#include "tests/support/simulation.h"

namespace svasim::test {

constexpr std::uint64_t first_page = 0x10000000;
constexpr std::uint64_t page_size = 4096;

/// Issues as tags allow; each limit is out of the way unless a test sets it.
platforms::platform_params loaded_platform();
/// A region of `size`, mapped beforehand, and no accesses yet.
memory_workload one_region(base::byte_size size = base::mib(2));
void leave_out(kit::cache_params& cache);
/// Each access walks.
void leave_out_tlbs(platforms::platform_params& p);
void leave_out_walk_caches(platforms::platform_params& p);

/// Runs it: all is well, and `n` uses of the resource, `uses` at a time, of `each` took no less
/// time than they must and at most 1 % more.
void check_bound(simulation& s, std::uint64_t n, duration each, std::uint64_t uses = 1);

}  // namespace svasim::test
