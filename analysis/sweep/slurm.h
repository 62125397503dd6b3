// Shards of a sweep as one job array of a Slurm cluster, driven through its own programs (sbatch,
// squeue, scancel). A shard is many points: a task a point would be slower to schedule than to run.
// That a lost node makes Slurm run a shard twice is harmless, as points are idempotent; what is
// done is told by the result files, never by exit codes.
#pragma once

#include <string>
#include <vector>

namespace svasim::sweep {

struct slurm_job {
  std::string directory;             ///< of the sweep, seen by all nodes; absolute
  std::vector<std::string> command;  ///< runs the shard when "--shard k/K" is added
  unsigned shards = 1;
  unsigned workers = 0;  ///< simulations at a time in a task; 0: as many as it has processors
  std::vector<std::string> arguments;  ///< further ones of sbatch
};

/// The script of every task. `job.command` is quoted, whatever characters it holds.
std::string slurm_script(const slurm_job& job);

/// Writes DIR/slurm/job.sh and submits it. The id of the job array. Throws base::input_error with
/// what sbatch says.
std::string slurm_submit(const slurm_job& job);

enum class slurm_state {
  active,  ///< at least one task waits or runs
  gone,    ///< none does
  unknown  ///< the controller does not answer
};
slurm_state slurm_state_of(const std::string& id);

}  // namespace svasim::sweep
