#include "workloads/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace svasim::workloads {
namespace {

[[noreturn]] void fail(const std::string& path, const std::string& reason) {
  throw base::input_error("cannot open " + path + ": " + reason);
}

}  // namespace

input_file::input_file(const std::string& path) : m_path(path) {
  // O_NONBLOCK: a pipe without writer must be refused below, not waited for.
  m_fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (m_fd < 0) fail(path, std::strerror(errno));
  struct stat status {};
  const int code = ::fstat(m_fd, &status) != 0 ? errno : 0;
  if (code == 0 && S_ISREG(status.st_mode)) {
    m_size = static_cast<std::uint64_t>(status.st_size);
    return;
  }
  ::close(m_fd);
  if (code != 0) fail(path, std::strerror(code));
  fail(path, S_ISDIR(status.st_mode) ? std::strerror(EISDIR) : "Not a regular file");
}

input_file::~input_file() {
  ::close(m_fd);
}

std::size_t input_file::read(void* out, std::size_t n) {
  std::size_t done = 0;
  while (done < n) {
    const ssize_t got = ::read(m_fd, static_cast<char*>(out) + done, n - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(m_path, std::strerror(errno));
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  if (m_digesting) m_digest.add(out, done);
  m_offset += done;
  return done;
}

void input_file::seek(std::uint64_t offset) {
  if (::lseek(m_fd, static_cast<off_t>(offset), SEEK_SET) < 0) fail(m_path, std::strerror(errno));
  m_offset = offset;
}

}  // namespace svasim::workloads
