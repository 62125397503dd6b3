#include "analysis/report.h"
#include "analysis/result.h"
#include "app/commands.h"
#include "base/error.h"
#include "base/file.h"
#include "workloads/convert.h"
#include "workloads/open_trace.h"

namespace svasim::app {

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
