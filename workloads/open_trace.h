// Opens a trace file of any known kind, told by its content: a QEMU log of smmuv3 or virtio-iommu
// events, a program's accesses (valgrind lackey, or page runs), svasim's own text (all of them
// plain, gzip or zstd), or svasim's own binary form. The file is read twice: once for the
// summary, once for the records.
#pragma once

#include <memory>
#include <string>

#include "trace/record.h"
#include "workloads/qemu_log.h"

namespace svasim::workloads {

struct open_options {
  /// What a QEMU log leaves open.
  qemu_defaults qemu;
};

/// Throws base::input_error: "cannot open FILE: REASON", "FILE:LINE:COL: ..." for a bad line,
/// "FILE: ... at byte N" for cut or damaged data, and what the file looks like when it is no trace.
std::unique_ptr<trace::source> open_trace(const std::string& path,
                                          const open_options& options = open_options());

}  // namespace svasim::workloads
