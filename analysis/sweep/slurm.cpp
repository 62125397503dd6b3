#include "analysis/sweep/slurm.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/file.h"

namespace svasim::sweep {
namespace {

struct program_end {
  int exit = -1;  ///< -1: it could not be started or was killed
  std::string output;
};

class spawn_actions {
 public:
  spawn_actions() { posix_spawn_file_actions_init(&m_actions); }
  spawn_actions(const spawn_actions&) = delete;
  spawn_actions& operator=(const spawn_actions&) = delete;
  ~spawn_actions() { posix_spawn_file_actions_destroy(&m_actions); }
  posix_spawn_file_actions_t* get() { return &m_actions; }

 private:
  posix_spawn_file_actions_t m_actions{};
};

// Both outputs of a program found on the PATH.
program_end run_program(const std::vector<std::string>& words) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return {-1, std::strerror(errno)};
  spawn_actions actions;
  posix_spawn_file_actions_adddup2(actions.get(), ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(actions.get(), ends[1], STDERR_FILENO);
  std::vector<std::string> copies = words;
  std::vector<char*> arguments;
  for (std::string& w : copies) arguments.push_back(w.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int code =
      ::posix_spawnp(&child, arguments[0], actions.get(), nullptr, arguments.data(), environ);
  ::close(ends[1]);
  program_end out;
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t n = code == 0 ? ::read(ends[0], buffer.data(), buffer.size()) : 0;
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    out.output.append(buffer.data(), static_cast<std::size_t>(n));
  }
  ::close(ends[0]);
  if (code != 0) return {-1, std::strerror(code)};
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  out.exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return out;
}

// For a shell: in single quotes, which only end at the next one.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string trimmed(std::string text) {
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  text.erase(end == std::string::npos ? 0 : end + 1);
  return text;
}

}  // namespace

std::string slurm_script(const slurm_job& job) {
  std::string out = "#!/bin/sh\n# One shard of a sweep: SLURM_ARRAY_TASK_ID counts from 1.\nexec";
  for (const std::string& word : job.command) out += " " + quoted(word);
  out +=
      job.workers != 0 ? fmt::format(" -j {}", job.workers) : " -j \"${SLURM_CPUS_PER_TASK:-1}\"";
  return out + fmt::format(" --shard \"$SLURM_ARRAY_TASK_ID/{}\"\n", job.shards);
}

std::string slurm_submit(const slurm_job& job) {
  const std::string folder = job.directory + "/slurm";
  base::make_directories(folder);
  base::write_file_atomically(folder + "/job.sh", slurm_script(job));
  std::vector<std::string> words{"sbatch",
                                 "--parsable",
                                 fmt::format("--array=1-{}", job.shards),
                                 "--requeue",
                                 "--open-mode=append",
                                 "--job-name=svasim-sweep",
                                 "--output=" + folder + "/%A_%a.log",
                                 "--chdir=" + job.directory};
  words.insert(words.end(), job.arguments.begin(), job.arguments.end());
  words.push_back(folder + "/job.sh");
  const program_end end = run_program(words);
  // "ID" or "ID;CLUSTER"
  const std::string id = end.output.substr(0, end.output.find_first_not_of("0123456789"));
  if (end.exit != 0 || id.empty()) {
    throw base::input_error("sbatch failed: " + trimmed(end.output));
  }
  return id;
}

slurm_state slurm_state_of(const std::string& id) {
  const program_end end = run_program({"squeue", "--noheader", "--jobs=" + id, "--format=%i"});
  if (end.exit == 0) {
    return trimmed(end.output).empty() ? slurm_state::gone : slurm_state::active;
  }
  // Slurm forgets a job some minutes after its end.
  const bool forgotten = end.output.find("Invalid job id") != std::string::npos;
  return forgotten ? slurm_state::gone : slurm_state::unknown;
}

}  // namespace svasim::sweep
