// Any bytes as a trace file of the format FUZZED_FORMAT (a trace_kind): read to the end or refused
// with base::input_error. What is read must make sense, whatever the file says.
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "base/error.h"
#include "fuzz_input.h"
#include "workloads/open_trace.h"

using namespace svasim;

namespace {

// A file in memory, so that the readers see what they always see.
class memory_file {
 public:
  memory_file(const std::uint8_t* data, std::size_t size) : m_fd(::memfd_create("fuzz", 0)) {
    fuzz::require(m_fd >= 0 && ::write(m_fd, data, size) == static_cast<ssize_t>(size), "memfd");
  }
  memory_file(const memory_file&) = delete;
  memory_file& operator=(const memory_file&) = delete;
  ~memory_file() { ::close(m_fd); }
  std::string path() const { return "/proc/self/fd/" + std::to_string(m_fd); }

 private:
  int m_fd;
};

// A few bytes can stand for very many accesses: that is not what is looked for.
constexpr std::uint64_t most_records = 100000;

void read_through(trace::source& source) {
  trace::record r;
  base::duration last;
  std::uint64_t records = 0;
  std::uint64_t accesses = 0;
  while (records < most_records && source.next(r)) {
    ++records;
    fuzz::require(last <= r.time, "times do not step back");
    last = r.time;
    if (r.kind != trace::record_kind::access) continue;
    accesses += std::uint64_t{1} + r.repeats;
    fuzz::require(r.length != 0, "an access has bytes");
  }
  if (records == most_records) return;
  fuzz::require(accesses == source.about().accesses, "the summary counts the accesses");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const memory_file file(data, size);
  workloads::open_options options;
  options.kind = workloads::trace_kind::FUZZED_FORMAT;
  options.skip_bad = size % 4;
  try {
    read_through(*workloads::open_trace(file.path(), options));
  } catch (const base::input_error&) {
    // as it should be
  }
  return 0;
}
