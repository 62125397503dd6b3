// Any bytes as an ftrace text and a QEMU log of the same run, cut at the first zero byte.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "base/error.h"
#include "fuzz_input.h"
#include "workloads/ftrace_join.h"
#include "workloads/qemu_log.h"

using namespace svasim;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::uint8_t* cut = std::find(data, data + size, 0);
  const int fd = ::memfd_create("fuzz", 0);
  const auto length = static_cast<ssize_t>(cut - data);
  fuzz::require(fd >= 0 && ::write(fd, data, static_cast<std::size_t>(length)) == length, "memfd");
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  try {
    workloads::bad_line_filter filter(3);
    workloads::ftrace_joiner joiner(std::make_shared<workloads::ftrace_index>(path, filter), false);
    fuzz::input in(cut, static_cast<std::size_t>(data + size - cut));
    while (!in.empty()) {
      trace::record r;
      r.kind = in.byte() % 4 != 0 ? trace::record_kind::access : trace::record_kind::command;
      r.length = 64;
      r.address = base::iova(in.word() & 0xfffff);
      r.output = in.word() & 0xfffff;
      r.permission = in.byte() & 3;
      r.command = {0x12, in.word()};
      joiner.apply(r);
      fuzz::require(r.length != 0 && r.length <= 4096, "a joined access stays in its page");
    }
    fuzz::require(joiner.counts().matched <= joiner.counts().accesses, "counts");
  } catch (const base::input_error&) {
    // as it should be
  }
  ::close(fd);
  return 0;
}
