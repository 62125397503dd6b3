#include "workloads/output_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/error.h"
#include "base/file.h"

namespace svasim::workloads {
namespace {

constexpr std::size_t buffer_size = 256 << 10;

}  // namespace

output_file::output_file(std::string path)
    : m_path(std::move(path)), m_temporary(m_path + ".tmp." + std::to_string(::getpid())) {
  base::check_replaceable(m_path);
  m_fd = ::open(m_temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (m_fd < 0) fail(errno);
}

output_file::~output_file() {
  if (m_fd < 0) return;
  ::close(m_fd);
  ::unlink(m_temporary.c_str());
}

void output_file::write(std::string_view bytes) {
  m_buffer += bytes;
  if (m_buffer.size() >= buffer_size) flush();
}

void output_file::flush() {
  std::size_t done = 0;
  while (done < m_buffer.size()) {
    const ssize_t n = ::write(m_fd, m_buffer.data() + done, m_buffer.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(errno);
    done += static_cast<std::size_t>(n);
  }
  m_offset += done;
  m_buffer.clear();
}

void output_file::commit() {
  flush();
  if (::fsync(m_fd) != 0 && errno != EINVAL) fail(errno);
  if (std::rename(m_temporary.c_str(), m_path.c_str()) != 0) fail(errno);
  ::close(m_fd);
  m_fd = -1;
}

void output_file::fail(int code) const {
  throw base::input_error("cannot write " + m_path + ": " + std::strerror(code));
}

}  // namespace svasim::workloads
