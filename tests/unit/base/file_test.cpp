#include "base/file.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "base/error.h"

using namespace svasim::base;
namespace fs = std::filesystem;

namespace {

// A directory of its own for each test, removed after it.
class directory {
 public:
  directory() : m_path((fs::temp_directory_path() / "svasim-XXXXXX").string()) {
    REQUIRE(::mkdtemp(m_path.data()) != nullptr);
  }
  directory(const directory&) = delete;
  directory& operator=(const directory&) = delete;
  ~directory() { fs::remove_all(m_path); }
  std::string operator/(const char* name) const { return m_path + "/" + name; }
  const std::string& path() const { return m_path; }

 private:
  std::string m_path;
};

std::size_t files_in(const std::string& path) {
  const fs::directory_iterator all(path);
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

// Runs `body` in a process of its own, which it may restrict; the code that it returns.
template <class Body>
int in_child(Body body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

constexpr int skipped = 77;

// 0 when writing fails as `reason` and leaves the directory as it was, with one file holding "old".
int full_disk_outcome(const std::string& where, const std::string& reason) {
  const std::string file = where + "/r.json";
  write_file_atomically(file, "old");
  try {
    write_file_atomically(file, std::string(1 << 20, 'x'));
  } catch (const input_error& e) {
    if (e.what() != "cannot write " + file + ": " + reason) return 1;
    return read_file(file) == "old" && files_in(where) == 1 ? 0 : 2;
  }
  return 3;
}

}  // namespace

TEST_CASE("a file is written whole and read back") {
  const directory d;
  const std::string content("a\0b\n", 4);
  write_file_atomically(d / "x", content);
  CHECK(read_file(d / "x") == content);
  write_file_atomically(d / "x", "");
  CHECK(read_file(d / "x").empty());
  const std::string large(300000, 'z');
  write_file_atomically(d / "x", large);
  CHECK(read_file(d / "x") == large);
  CHECK(files_in(d.path()) == 1);
}

TEST_CASE("files that cannot be read are named with the reason") {
  const directory d;
  CHECK_THROWS_WITH(read_file(d / "none"),
                    "cannot open " + (d / "none") + ": No such file or directory");
  CHECK_THROWS_WITH(read_file(d.path()), "cannot open " + d.path() + ": Is a directory");
}

TEST_CASE("files that cannot be written are named with the reason and leave nothing behind") {
  const directory d;
  CHECK_THROWS_WITH(write_file_atomically(d / "none/x", "1"),
                    "cannot write " + (d / "none/x") + ": No such file or directory");
  make_directories(d / "folder");
  CHECK_THROWS_WITH(write_file_atomically(d / "folder", "1"),
                    "cannot write " + (d / "folder") + ": Is a directory");
  CHECK(files_in(d.path()) == 1);
}

TEST_CASE("a pipe or device is not replaced by a file") {
  const directory d;
  REQUIRE(::mkfifo((d / "pipe").c_str(), 0600) == 0);
  CHECK_THROWS_WITH(write_file_atomically(d / "pipe", "1"),
                    "cannot write " + (d / "pipe") + ": not a regular file");
  CHECK(fs::is_fifo(d / "pipe"));
}

TEST_CASE("a write that hits the file size limit leaves the old file") {
  const directory d;
  const int outcome = in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    return full_disk_outcome(d.path(), "File too large");
  });
  CHECK(outcome == 0);
}

TEST_CASE("a write to a full disk leaves the old file") {
  const directory d;
  const int outcome = in_child([&] {
    // Mounts in a namespace of its own, which goes with the process.
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("small", d.path().c_str(), "tmpfs", 0, "size=64k") != 0) {
      return skipped;
    }
    return full_disk_outcome(d.path(), "No space left on device");
  });
  if (outcome == skipped) {
    WARN("not run: mounting a small disk needs root");
    return;
  }
  CHECK(outcome == 0);
}

TEST_CASE("directories are made with their parents, and may be there already") {
  const directory d;
  make_directories(d / "a/b/c");
  make_directories(d / "a/b/c");
  CHECK(fs::is_directory(d / "a/b/c"));
  write_file_atomically(d / "file", "");
  CHECK_THROWS_WITH(make_directories(d / "file/x"),
                    "cannot create directory " + (d / "file/x") + ": Not a directory");
}
