#include "workloads/formats.h"

#include <algorithm>

#include "base/error.h"
#include "workloads/blkparse_text.h"
#include "workloads/csv_trace.h"
#include "workloads/fio_iolog.h"
#include "workloads/ftrace_line.h"
#include "workloads/lackey_log.h"
#include "workloads/page_runs.h"
#include "workloads/pcap_file.h"
#include "workloads/qemu_envelope.h"
#include "workloads/svt_format.h"

namespace svasim::workloads {
namespace {

// The first plain bytes of the file.
std::string read_start(const std::string& path) {
  std::string start(4096, '\0');
  start.resize(open_decoder(path)->read(start.data(), start.size()));
  return start;
}

// Which of the two IOMMUs the first event of either in a QEMU log is of; other events may be many.
trace_kind iommu_of_log(const std::string& path) {
  line_reader lines(path);
  for (std::string_view line; lines.next(line);) {
    const std::string_view event = line.substr(std::min(line.find(':'), line.size() - 1) + 1);
    if (event.substr(0, 4) == "smmu") return trace_kind::qemu_smmuv3;
    if (event.substr(0, 13) == "virtio_iommu_") return trace_kind::qemu_virtio_iommu;
  }
  return trace_kind::qemu_smmuv3;
}

bool is_text(const std::string& start) {
  return std::none_of(start.begin(), start.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u == 0x7f || (u < 0x20 && c != '\t' && c != '\n' && c != '\r');
  });
}

bool begins_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

std::string looks_like(const std::string& start) {
  const std::string line = start.substr(0, start.find_first_of("\r\n"));
  if (start.empty()) return "the file is empty";
  if (pcap_file::is_pcapng(start)) {
    return "the file is a pcapng capture (editcap -F pcap writes the classic form)";
  }
  if (!is_text(start)) return "the file is binary data of an unknown kind";
  if (begins_with(line, "smmu")) {
    return "the file looks like a QEMU log without time stamps (-msg timestamp=on)";
  }
  if (begins_with(line, "{")) return "the file looks like JSON";
  return "the file is text of an unknown kind, beginning with " + quoted(line);
}

}  // namespace

std::optional<trace_kind> format_named(std::string_view name) {
  for (const format_info& f : known_formats) {
    if (f.name == name) return f.kind;
  }
  return std::nullopt;
}

trace_kind detect_format(const std::string& path) {
  const std::string start = read_start(path);
  if (begins_with(start, svt::magic)) return trace_kind::svt;
  if (begins_with(start, csv_trace::magic)) return trace_kind::csv;
  if (begins_with(start, fio_iolog::magic)) return trace_kind::fio_iolog;
  if (pcap_file::looks_like(start)) return trace_kind::pcap;
  const std::string_view line = std::string_view(start).substr(0, start.find('\n'));
  if (looks_like_qemu_log(line)) return iommu_of_log(path);
  if (page_runs::looks_like(line)) return trace_kind::page_runs;
  if (lackey_log::looks_like(start)) return trace_kind::lackey;
  if (blkparse_text::looks_like(line)) return trace_kind::blkparse;
  if (looks_like_ftrace(start)) return trace_kind::ftrace;
  throw base::input_error(base::problem{
      path, 0, 0, looks_like(start) + "; svasim trace import --help lists what can be read"});
}

}  // namespace svasim::workloads
