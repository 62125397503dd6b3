// The members of a result that older versions did not write. Kept inside analysis/.
#pragma once

#include "analysis/member_reader.h"
#include "analysis/result.h"

namespace svasim::analysis {

/// Takes "streams", "evictions", "occupancy" and "fault_hops" where they are there.
void read_observed(member_reader& in, problem_list& problems, result& out);

/// The streams together must be all requests: reported as problems where they are not.
void check_streams(const result& r, problem_list& problems);

}  // namespace svasim::analysis
