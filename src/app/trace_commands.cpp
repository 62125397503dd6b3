#include <fmt/format.h>

#include "analysis/report.h"
#include "analysis/result.h"
#include "app/commands.h"
#include "app/load.h"
#include "arch/command.h"
#include "base/error.h"
#include "base/file.h"
#include "workloads/convert.h"
#include "workloads/open_trace.h"

namespace svasim::app {

int trace_info(const trace_options& o) {
  const auto source = workloads::open_trace(o.file);
  const trace::summary& s = source->about();
  fmt::print("{}: {}, digest {}\n", base_name(o.file), s.format, s.digest);
  fmt::print("  lines      {:>12}\n  accesses   {:>12}\n  commands   {:>12}\n  events     {:>12}\n",
             s.lines, s.accesses, s.commands, s.events);
  fmt::print("  length     {:>12}\n  page size  {:>9} KiB\n  unmapping  {:>12}\n",
             to_string(s.length), (1u << s.granule_shift) >> 10, s.lazy ? "lazy" : "strict");
  for (const auto& [op, n] : s.commands_by_opcode) {
    fmt::print("  {:20} {:>10}\n", arch::name(static_cast<arch::opcode>(op)), n);
  }
  for (const trace::stream_tag& t : s.streams) {
    fmt::print("  StreamID {:#x}: ASID {}, VMID {}, {} accesses\n", t.sid.value(), t.asid.value(),
               t.vmid.value(), t.accesses);
  }
  return 0;
}

int trace_convert(const trace_options& o) {
  const auto format = workloads::format_of(o.out);
  if (!format) throw base::input_error(o.out + ": the name must end in .csv or .svt");
  const auto source = workloads::open_trace(o.file);
  workloads::convert(*source, o.out, *format);
  return 0;
}

int report(const std::string& result_file, const std::string& out_file) {
  base::write_file_atomically(out_file, analysis::report_html(analysis::read_result(result_file)));
  return 0;
}

}  // namespace svasim::app
