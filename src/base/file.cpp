#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "base/error.h"

namespace svasim::base {
namespace {

[[noreturn]] void fail(const std::string& what, const std::string& path, int code) {
  throw input_error(what + " " + path + ": " + std::strerror(code));
}

class descriptor {
 public:
  explicit descriptor(int fd) : m_fd(fd) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (m_fd >= 0) ::close(m_fd);
  }
  int get() const { return m_fd; }

 private:
  int m_fd;
};

// The errno of the first step that failed, 0 when all is on disk.
int write_all(const std::string& path, const std::string& content) {
  const descriptor fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (fd.get() < 0) return errno;
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t n = ::write(fd.get(), content.data() + done, content.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    done += static_cast<std::size_t>(n);
  }
  return ::fsync(fd.get()) == 0 || errno == EINVAL ? 0 : errno;
}

}  // namespace

std::string read_file(const std::string& path) {
  const descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) fail("cannot open", path, errno);
  std::string out;
  std::string chunk(1 << 16, '\0');
  for (;;) {
    const ssize_t n = ::read(fd.get(), chunk.data(), chunk.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("cannot open", path, errno);
    if (n == 0) return out;
    out.append(chunk, 0, static_cast<std::size_t>(n));
  }
}

void check_replaceable(const std::string& path) {
  struct stat s {};
  if (::stat(path.c_str(), &s) == 0 && !S_ISREG(s.st_mode) && !S_ISDIR(s.st_mode)) {
    throw input_error("cannot write " + path + ": not a regular file");
  }
}

void write_file_atomically(const std::string& path, const std::string& content) {
  check_replaceable(path);
  const std::string temporary = path + ".tmp." + std::to_string(::getpid());
  int code = write_all(temporary, content);
  if (code == 0 && std::rename(temporary.c_str(), path.c_str()) != 0) code = errno;
  if (code != 0) {
    ::unlink(temporary.c_str());
    fail("cannot write", path, code);
  }
}

void make_directories(const std::string& path) {
  std::error_code code;
  std::filesystem::create_directories(path, code);
  if (code) throw input_error("cannot create directory " + path + ": " + code.message());
}

}  // namespace svasim::base
