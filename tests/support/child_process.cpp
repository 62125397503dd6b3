#include "child_process.h"

#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

namespace svasim::test {
namespace {

// The first byte tells whether it went well.
std::string outcome_of(const std::function<std::string()>& work) {
  try {
    return "+" + work();
  } catch (const std::exception& e) {
    return std::string("-") + e.what();
  }
}

void write_all(int to, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = ::write(to, text.data() + done, text.size() - done);
    if (n <= 0) return;
    done += static_cast<std::size_t>(n);
  }
}

std::string read_all(int from) {
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t n = ::read(from, buffer, sizeof buffer);
    if (n <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(n));
  }
}

}  // namespace

std::string in_child(const std::function<std::string()>& work) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("no child process");
  if (child == 0) {
    ::close(ends[0]);
    write_all(ends[1], outcome_of(work));
    ::_exit(0);  // nothing of the test framework runs twice
  }
  ::close(ends[1]);
  const std::string text = read_all(ends[0]);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (status != 0 || text.empty()) throw std::runtime_error("the child process died");
  if (text[0] == '-') throw std::runtime_error(text.substr(1));
  return text.substr(1);
}

}  // namespace svasim::test
