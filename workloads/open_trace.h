// Opens a trace file of any kind in formats.h (text plain, gzip or zstd). The file is read twice:
// once for the summary, once for the records; memory does not grow with its length.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "trace/record.h"
#include "workloads/bad_lines.h"
#include "workloads/fio_iolog.h"
#include "workloads/formats.h"
#include "workloads/ftrace_join.h"
#include "workloads/pcap_file.h"
#include "workloads/qemu_log.h"

namespace svasim::workloads {

struct open_options {
  /// Empty: told by the content.
  std::optional<trace_kind> kind;
  /// What a QEMU log leaves open.
  qemu_defaults qemu;
  /// What logs of disk requests leave open.
  nvme_defaults nvme;
  /// What a capture leaves open.
  nic_defaults nic;
  /// Bad lines to pass over in each text.
  std::uint64_t skip_bad = 0;
  /// Where to add which were passed over; complete when open_trace() returns.
  bad_lines* skipped = nullptr;
  /// The other one of an ftrace text and a QEMU log of the same run; empty: none.
  std::string join;
  /// Where to say what joining did; filled when open_trace() returns.
  join_counts* joined = nullptr;
};

/// Throws base::input_error: "cannot open FILE: REASON", "FILE:LINE:COL: ..." for a bad line,
/// "FILE: ... at byte N" for cut or damaged data, and what the file looks like when it is no trace.
std::unique_ptr<trace::source> open_trace(const std::string& path,
                                          const open_options& options = open_options());

}  // namespace svasim::workloads
