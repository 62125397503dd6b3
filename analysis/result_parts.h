// The members of a result that older versions did not write. Kept inside analysis/.
#pragma once

#include "analysis/member_reader.h"
#include "analysis/result.h"

namespace svasim::analysis {

/// Takes "devices", "streams", "evictions", "occupancy" and "fault_hops" where they are there.
void read_observed(member_reader& in, problem_list& problems, result& out);

/// Takes "sva" where it is there.
void read_sva(member_reader& in, problem_list& problems, result& out);

/// Takes "confidence" and "uncertainty" where they are there.
void read_trust(member_reader& in, problem_list& problems, result& out);

/// The hops of a fault on its path must be its latency.
void check_sva(const result& r, problem_list& problems);

/// The devices together must be the run: reported as problems where they are not.
void check_devices(const result& r, problem_list& problems);

/// The streams together must be all requests: reported as problems where they are not.
void check_streams(const result& r, problem_list& problems);

}  // namespace svasim::analysis
