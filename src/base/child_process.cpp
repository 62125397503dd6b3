#include "base/child_process.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <stdexcept>

#include "base/error.h"

namespace svasim::base {
namespace {

// The first byte tells how it went.
constexpr char good = '+', bad_input = '?', failed = '!';

std::string outcome_of(const std::function<std::string()>& work) {
  try {
    return good + work();
  } catch (const input_error& e) {
    return bad_input + std::string(e.what());
  } catch (const std::exception& e) {
    return failed + std::string(e.what());
  }
}

bool write_all(int to, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = ::write(to, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return true;
}

std::string read_all(int from) {
  std::string text;
  std::string buffer(std::size_t{64} << 10, '\0');
  for (;;) {
    const ssize_t n = ::read(from, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return text;
    text.append(buffer, 0, static_cast<std::size_t>(n));
  }
}

[[noreturn]] void fail(const char* what) {
  throw std::runtime_error(fmt::format("{}: {}", what, std::strerror(errno)));
}

}  // namespace

std::string in_child(const std::function<std::string()>& work) {
  int ends[2];
  if (::pipe(ends) != 0) fail("cannot make a pipe");
  const pid_t child = ::fork();
  if (child < 0) {
    const int code = errno;
    ::close(ends[0]);
    ::close(ends[1]);
    errno = code;
    fail("cannot start a process");
  }
  if (child == 0) {
    ::close(ends[0]);
    const bool told = write_all(ends[1], outcome_of(work));
    ::_exit(told ? 0 : 1);  // what the parent has open and buffered is the parent's
  }
  ::close(ends[1]);
  const std::string text = read_all(ends[0]);
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0 || text.empty()) throw std::runtime_error("a simulation process died");
  if (text[0] == bad_input) throw input_error(text.substr(1));
  if (text[0] == failed) throw std::runtime_error(text.substr(1));
  return text.substr(1);
}

}  // namespace svasim::base
