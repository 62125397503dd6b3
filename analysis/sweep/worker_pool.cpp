#include "analysis/sweep/worker_pool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace svasim::sweep {
namespace {

constexpr std::size_t longest_message = std::size_t{16} << 10;
constexpr int tick_ms = 250;
constexpr std::string_view mark = "\n=result ";

void say(const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = ::write(STDERR_FILENO, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    done += static_cast<std::size_t>(n);
  }
}

int outcome_of(const std::function<void(std::size_t)>& work, std::size_t job) {
  try {
    work(job);
    return 0;
  } catch (const base::input_error& e) {
    say(e.what());
    return 2;
  } catch (const std::exception& e) {
    say(e.what());
    return 1;
  }
}

class pool {
 public:
  pool(const std::function<void(std::size_t)>& work,
       const std::function<void(const job_end&)>& ended)
      : m_work(work), m_ended(ended) {}
  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;
  ~pool() {  // only where something was thrown are there any left
    for (const worker& w : m_workers) {
      ::kill(w.pid, SIGKILL);
      ::close(w.output);
      ::waitpid(w.pid, nullptr, 0);
    }
  }

  std::size_t running() const { return m_workers.size(); }

  // False where the system has no room for another process and some are running.
  bool start(std::size_t job) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return no_room("cannot make a pipe");
    std::fflush(nullptr);  // or the copy would print it as well
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child < 0) {
      const int code = errno;
      ::close(ends[0]);
      ::close(ends[1]);
      errno = code;
      return no_room("cannot start a process");
    }
    if (child == 0) be_worker(parent, ends[1], job);
    ::close(ends[1]);
    m_workers.push_back({child, ends[0], {job, 0, 0, {}}});
    return true;
  }

  // Until something is printed or ends, or the time for a tick has come.
  void wait() {
    std::vector<pollfd> fds;
    for (const worker& w : m_workers) fds.push_back({w.output, POLLIN, 0});
    if (::poll(fds.data(), fds.size(), tick_ms) <= 0) return;
    for (std::size_t i = fds.size(); i-- > 0;) {
      if (fds[i].revents != 0 && !read(m_workers[i])) finish(i);
    }
  }

  // Tells of those that ended since the last time.
  void report() {
    for (const job_end& end : m_over) m_ended(end);
    m_over.clear();
  }

 private:
  struct worker {
    pid_t pid;
    int output;
    job_end end;
  };

  bool no_room(const char* what) const {
    if (!m_workers.empty()) return false;
    throw std::runtime_error(fmt::format("{}: {}", what, std::strerror(errno)));
  }

  [[noreturn]] void be_worker(pid_t parent, int output, std::size_t job) const {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);  // it died before that
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    const int code = outcome_of(m_work, job);
    std::cout.flush();
    std::fflush(nullptr);
    ::_exit(code);
  }

  // False at the end of its output.
  static bool read(worker& w) {
    std::array<char, 4096> buffer;
    const ssize_t n = ::read(w.output, buffer.data(), buffer.size());
    if (n < 0) return errno == EINTR;
    const std::size_t room = longest_message - w.end.message.size();
    w.end.message.append(buffer.data(), std::min(static_cast<std::size_t>(n), room));
    return n != 0;
  }

  void finish(std::size_t i) {
    worker w = std::move(m_workers[i]);
    m_workers.erase(m_workers.begin() + static_cast<std::ptrdiff_t>(i));
    ::close(w.output);
    int status = 0;
    while (::waitpid(w.pid, &status, 0) < 0 && errno == EINTR) {
    }
    w.end.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    w.end.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    m_over.push_back(std::move(w.end));
  }

  const std::function<void(std::size_t)>& m_work;
  const std::function<void(const job_end&)>& m_ended;
  std::vector<worker> m_workers;
  std::vector<job_end> m_over;
};

}  // namespace

void hand_back(const std::string& text) {
  fmt::print("{}{}\n", mark, text);
}

std::optional<std::string> job_end::result() const {
  const std::size_t at = message.rfind(mark);
  if (at == std::string::npos) return std::nullopt;
  const std::size_t begin = at + mark.size();
  return message.substr(begin, message.find('\n', begin) - begin);
}

void run_jobs(std::size_t count, unsigned workers, const std::function<void(std::size_t)>& work,
              const std::function<void(const job_end&)>& ended, const std::function<void()>& tick) {
  pool p(work, ended);
  std::size_t next = 0;
  while (next < count || p.running() != 0) {
    while (next < count && p.running() < workers && p.start(next)) ++next;
    p.report();  // the next ones run meanwhile
    p.wait();
    tick();
  }
  p.report();
}

}  // namespace svasim::sweep
