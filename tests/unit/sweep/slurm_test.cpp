#include "analysis/sweep/slurm.h"

#include <catch2/catch.hpp>

using namespace svasim;

TEST_CASE("the job script runs one shard, whatever characters its paths hold") {
  const std::string script = sweep::slurm_script(
      {"/out", {"/bin/svasim", "sweep", "/a b/it's $HOME.json", "-o", "/out"}, 8, 0, {}});
  CHECK(script ==
        "#!/bin/sh\n"
        "# One shard of a sweep: SLURM_ARRAY_TASK_ID counts from 1.\n"
        "exec '/bin/svasim' 'sweep' '/a b/it'\\''s $HOME.json' '-o' '/out'"
        " -j \"${SLURM_CPUS_PER_TASK:-1}\" --shard \"$SLURM_ARRAY_TASK_ID/8\"\n");
}

TEST_CASE("a given number of simulations goes into the job script") {
  CHECK(sweep::slurm_script({"/out", {"x"}, 2, 4, {}}).find(" -j 4 --shard") != std::string::npos);
}
