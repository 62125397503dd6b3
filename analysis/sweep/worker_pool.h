// Jobs in processes of their own, a few at a time: SystemC has one kernel a process, and what one
// point does to its memory cannot reach another. A copy of this process is made for each job, so
// that what is read once is there for all.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace svasim::sweep {

struct job_end {
  std::size_t job = 0;
  int exit = 0;         ///< 0 good
  int signal = 0;       ///< that ended it; 0 for none
  std::string message;  ///< what it printed or threw, at most 16 KiB

  bool good() const { return exit == 0 && signal == 0; }
  /// What the job gave to hand_back(); empty where it gave nothing.
  std::optional<std::string> result() const;
};

/// Called by a job: the line `text` becomes its result(), whatever it, a library or a sanitizer
/// prints before or behind it.
void hand_back(const std::string& text);

/// Runs work(0) to work(count - 1), at most `workers` at once, in the order of their numbers. A job
/// that throws base::input_error ends with 2, one that throws anything else with 1. `ended` is
/// called here for each, `tick` about four times a second. Workers die with this process. Throws
/// std::runtime_error where no process can be made. The process must have one thread.
void run_jobs(std::size_t count, unsigned workers, const std::function<void(std::size_t)>& work,
              const std::function<void(const job_end&)>& ended, const std::function<void()>& tick);

}  // namespace svasim::sweep
